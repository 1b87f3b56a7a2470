// The files of tests in Node share a process: a clock, a mock or a global that a file replaced is
// back before the next begins.
import { afterAll, vi } from "vitest";

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
