// How smoothly a page shows what moves, and what it is sent for that.
import type { Page } from "playwright-core";

export type Smoothness = {
  framesPerSecond: number;
  /** The time between two frames, in ms: as a rule, and the longest, the worst twentieth left out. */
  frame50: number;
  frame95: number;
  /** The share of frames in which a pointer was at another place than before. */
  moved: number;
  messagesPerSecond: number;
  bytesPerSecond: number;
};

export async function watchFrames(page: Page, ms: number): Promise<Smoothness> {
  const wire = { messages: 0, bytes: 0 };
  const session = await page.context().newCDPSession(page);
  session.on("Network.webSocketFrameReceived", ({ response }) => {
    wire.messages += 1;
    wire.bytes += Buffer.byteLength(response.payloadData);
  });
  await session.send("Network.enable");
  const frames = await page.evaluate(async (ms) => {
    const pointer = document.querySelector<HTMLElement>(".cursor")!;
    const gaps: number[] = [];
    let [moved, place] = [0, ""];
    const start = performance.now();
    for (let last = start; last - start < ms;) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      gaps.push(now - last);
      last = now;
      if (pointer.style.translate !== place) moved += 1;
      place = pointer.style.translate;
    }
    return { gaps, moved };
  }, ms);
  await session.detach();
  const gaps = frames.gaps.toSorted((a, b) => a - b);
  const perSecond = (count: number): number => Math.round((count * 1000) / ms);
  return {
    framesPerSecond: perSecond(gaps.length),
    frame50: Math.round(gaps[Math.floor(gaps.length * 0.5)] ?? 0),
    frame95: Math.round(gaps[Math.floor(gaps.length * 0.95)] ?? 0),
    moved: Number((frames.moved / gaps.length).toFixed(2)),
    messagesPerSecond: perSecond(wire.messages),
    bytesPerSecond: perSecond(wire.bytes),
  };
}
