// The canvas in real Chromium windows, and the room in real workerd: strokes, pointers, and who is
// there through a reload, cuts of the network and a kill -9. The graces are short: 3 s for somebody
// who is lost, 6 s after a crash.
import { join } from "node:path";

import { FaultProxy, WorkerProcess } from "@greenroom/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { buildPage, launch, PHONE, picturesOf } from "../../test/chromium.ts";
import { crowdOf } from "./crowd.ts";
import { Guest } from "./guest.ts";
import { watchFrames } from "./smoothness.ts";

let worker: WorkerProcess;
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  const config = join(import.meta.dirname, "wrangler.jsonc");
  [browser, worker] = await Promise.all([
    launch(),
    WorkerProcess.start({ config }),
    buildPage("cursors"),
  ]);
});

afterAll(async () => {
  await browser.close();
  await worker.stop();
});

async function guest(
  room: string,
  options: Parameters<typeof Guest.arrive>[2],
  origin = worker.url,
): Promise<Guest> {
  const query = new URLSearchParams({ room }).toString();
  const arrived = await Guest.arrive(browser, `${origin}/cursors/?${query}`, options);
  onTestFinished(() => arrived.page.context().close());
  return arrived;
}

test("strokes are kept and seen by all, pointers move, and the page looks well on both devices", async () => {
  const fern = await guest("backdrop", { name: "Fern" });
  const moth = await guest("backdrop", { ...PHONE, name: "Night Moth" });
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern", "Night Moth"]);
  await fern.draw([0.2, 0.7], [0.35, 0.3], [0.5, 0.6], [0.65, 0.3], [0.8, 0.7]);
  await fern.draw([0.2, 0.8], [0.8, 0.8]);
  await expect.poll(() => moth.drawing(), SOON).toBe("A drawing of 2 strokes");
  await moth.page.locator(".cursor").getByText("Fern").waitFor();
  const pointerX = async (): Promise<number> => {
    const pointer = await moth.page.locator(".cursor").boundingBox();
    const board = await moth.page.locator("#board").boundingBox();
    return ((pointer?.x ?? 0) - (board?.x ?? 0)) / (board?.width ?? 1);
  };
  await expect.poll(pointerX, SOON).toBeCloseTo(0.8, 1);

  await moth.draw([0.3, 0.15], [0.7, 0.15]);
  await expect.poll(() => fern.drawing(), SOON).toBe("A drawing of 3 strokes");
  await picturesOf(fern.page, "cursors-desktop");
  await picturesOf(moth.page, "cursors-phone");
  expect(await moth.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  await moth.page.reload();
  await expect.poll(() => moth.drawing(), SOON).toBe("A drawing of 3 strokes");
  await moth.page.getByLabel("You are").fill("Day Moth");
  await moth.page.keyboard.press("Enter");
  await expect.poll(() => fern.people(), SOON).toEqual(["Day Moth", "Fern"]);
  await fern.page.getByRole("button", { name: "Wipe the canvas" }).click();
  await expect.poll(() => moth.drawing(), SOON).toBe("An empty drawing");
  expect([...fern.complaints, ...moth.complaints]).toEqual([]);
});

test("a reload, and a cut within the grace, show nothing to others; a longer one is a leaving and a coming", async () => {
  const proxy = await FaultProxy.start(worker.host);
  onTestFinished(() => proxy.stop());
  const fern = await guest("presence", { name: "Fern" });
  const moth = await guest("presence", { name: "Moth" }, `http://${proxy.host}`);
  const both = ["Fern, Moth"];
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern", "Moth"]);
  const seen = await fern.watch();

  await moth.page.reload();
  await moth.sees("connected");
  await expect.poll(() => moth.people(), SOON).toEqual(["Fern", "Moth"]);
  expect((await seen()).lists).toEqual(both);

  const cut = async (ms: number): Promise<void> => {
    proxy.refuse(ms);
    for (const link of proxy.links) link.cut();
    await moth.sees("reconnecting…");
  };
  await cut(1_200);
  await moth.sees("connected");
  // What would tell of a leaving comes after the grace; a message after it is behind it.
  await new Promise((resolve) => {
    setTimeout(resolve, 3_500);
  });
  await moth.draw([0.2, 0.2], [0.4, 0.4]);
  await expect.poll(() => fern.drawing(), SOON).toBe("A drawing of 1 strokes");
  expect((await seen()).lists).toEqual(both);

  await cut(5_500);
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern"]);
  await moth.sees("connected");
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern", "Moth"]);
  expect((await seen()).lists).toEqual(["Fern, Moth", "Fern"]);
  await moth.page.close();
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern"]);
});

test("nobody flickers when the server is killed and comes back", async () => {
  const fern = await guest("killed", { name: "Fern" });
  const moth = await guest("killed", { name: "Moth" });
  await expect.poll(() => fern.people(), SOON).toEqual(["Fern", "Moth"]);
  await expect.poll(() => moth.people(), SOON).toEqual(["Fern", "Moth"]);
  const [fernSaw, mothSaw] = [await fern.watch(), await moth.watch()];
  await worker.kill();
  await moth.draw([0.2, 0.2], [0.4, 0.4]);
  await expect.poll(() => fern.drawing(), SOON).toBe("A drawing of 1 strokes");
  await Promise.all([fern.sees("connected"), moth.sees("connected")]);
  for (const saw of [await fernSaw(), await mothSaw()]) {
    expect(saw.lists).toEqual(["Fern, Moth"]);
    expect(saw.states).toContain("reconnecting…");
  }
});

test("fifty members that move twenty times a second stay smooth, in bounded bytes", async () => {
  const fern = await guest("crowd", { name: "Fern", reducedMotion: "no-preference" });
  const crowd = crowdOf(49, worker.host, "crowd");
  onTestFinished(() => crowd.close());
  await expect.poll(() => fern.page.locator(".cursor").count(), SOON).toBe(49);

  const measured = await watchFrames(fern.page, 3_000);
  console.log(`50 members at 20 Hz: ${JSON.stringify(measured)}`);
  expect(measured.framesPerSecond).toBeGreaterThan(10);
  // A pointer glides: it is at another place in almost every frame.
  expect(measured.moved).toBeGreaterThan(0.7);
  // 49 members, 20 Hz, and what one move is on the wire; never more than one frame per 50 ms.
  expect(measured.bytesPerSecond).toBeLessThan(49 * 20 * 120);
  expect(measured.messagesPerSecond).toBeLessThan(25);
  expect(measured.messagesPerSecond).toBeGreaterThan(3);
});
