// The files of tests in workerd share one workerd: what a file left behind, rooms and a clock that was
// moved, is gone before the next begins.
import { reset } from "cloudflare:test";
import { afterAll, vi } from "vitest";

afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await reset();
});
