// The canvas in real Chromium windows, and the room in real workerd: strokes, pointers, and who is
// there through a reload, cuts of the network and a kill -9. The graces are short: 5 s for somebody
// who is lost, 8 s after a crash; `npm run -s people` does the same with those that rooms have.
import { join } from "node:path";

import { FaultProxy, WorkerProcess } from "@greenroom/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, test, type TestContext } from "vitest";

import { PHONE, picturesOf, type WindowOptions } from "../../test/chromium.ts";
import { sharedChromium, sharedPages } from "../../test/shared.ts";
import { type Absence, cut, kill, reload, type Stage } from "./absences.ts";
import { crowdOf } from "./crowd.ts";
import { GRACES } from "./graces.ts";
import { Guest } from "./guest.ts";
import { watchFrames } from "./smoothness.ts";

let worker: WorkerProcess;
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  const config = join(import.meta.dirname, "wrangler.jsonc");
  [browser, worker] = await Promise.all([sharedChromium(), WorkerProcess.start({ config })]);
});

afterAll(async () => {
  await Promise.all([browser.close(), worker.stop()]);
});

async function guest(
  { onTestFinished }: TestContext,
  room: string,
  options: WindowOptions,
  origin = worker.url,
): Promise<Guest> {
  const arrived = await Guest.arrive(browser, { origin, room, pages: sharedPages() }, options);
  onTestFinished(() => arrived.close());
  return arrived;
}

/** Two people, of whom one is about to be away. */
async function stage(context: TestContext, room: string): Promise<Stage> {
  const proxy = await FaultProxy.start(worker.host);
  context.onTestFinished(() => proxy.stop());
  const [watcher, absentee] = await Promise.all([
    guest(context, room, { name: "Fern" }),
    guest(context, room, { name: "Moth" }, `http://${proxy.host}`),
  ]);
  for (const each of [watcher, absentee]) {
    await context.expect.poll(() => each.people(), SOON).toEqual(["Fern", "Moth"]);
  }
  return { watcher, absentee, proxy, worker, ...GRACES };
}

const NOTHING = { flickers: 0, left: 0, joined: 0, ok: true };

function said({ flickers, left, joined, ok }: Absence): typeof NOTHING {
  return { flickers, left, joined, ok };
}

describe.concurrent("in one room", () => {
  test("strokes are kept and seen by all, pointers move, and the page looks well on both devices", async (context) => {
    const { expect } = context;
    const fern = await guest(context, "backdrop", { name: "Fern" });
    const moth = await guest(context, "backdrop", { ...PHONE, name: "Night Moth" });
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

  test("a reload shows nothing to others", async (context) => {
    const { expect } = context;
    expect(said(await reload(await stage(context, "reload")))).toEqual(NOTHING);
  });

  test("a cut within the grace shows nothing to others", async (context) => {
    const { expect } = context;
    expect(said(await cut(await stage(context, "short cut"), 1_200))).toEqual(NOTHING);
  });

  test("a longer cut is a leaving and a coming, and so is a closed window a leaving", async (context) => {
    const { expect } = context;
    const { watcher, absentee, ...others } = await stage(context, "long cut");
    const absence = await cut({ watcher, absentee, ...others }, 8_000);
    expect(said(absence)).toEqual({ flickers: 0, left: 1, joined: 1, ok: true });
    expect(absence.shown.map(({ people }) => people)).toEqual(["Fern, Moth", "Fern", "Fern, Moth"]);
    await absentee.page.close();
    await expect.poll(() => watcher.people(), SOON).toEqual(["Fern"]);
  });
});

test("nobody flickers when the server is killed and comes back", async (context) => {
  const { expect } = context;
  expect(said(await kill(await stage(context, "killed")))).toEqual(NOTHING);
});

test("fifty members that move twenty times a second stay smooth, in bounded bytes", async (context) => {
  const { expect } = context;
  const fern = await guest(context, "crowd", { name: "Fern", reducedMotion: "no-preference" });
  const crowd = crowdOf(49, worker.host, "crowd");
  context.onTestFinished(() => crowd.close());
  await expect.poll(() => fern.page.locator(".cursor").count(), SOON).toBe(49);

  const measured = await watchFrames(fern.page, 2_000);
  console.log(`50 members at 20 Hz: ${JSON.stringify(measured)}`);
  expect(measured.framesPerSecond).toBeGreaterThan(10);
  // A pointer glides: it is at another place in almost every frame.
  expect(measured.moved).toBeGreaterThan(0.7);
  // 49 members, 20 Hz, and what one move is on the wire; never more than one frame per 50 ms.
  expect(measured.bytesPerSecond).toBeLessThan(49 * 20 * 120);
  expect(measured.messagesPerSecond).toBeLessThan(25);
  expect(measured.messagesPerSecond).toBeGreaterThan(3);
});
