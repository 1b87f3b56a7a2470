// Rule Q19: who sends without a pause does not keep the others from being heard.
import { once } from "node:events";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";
import { expect, test, vi } from "vitest";
import { WebSocket } from "ws";

import { breathOf, FLOODING } from "../../src/breath.ts";

test("[Q19] a room breathes after 64 frames that came within 100 ms, sooner where they come in haste, and after slower ones it need not", () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const breaths = vi.fn<(wait: () => Promise<unknown>) => Promise<never>>();
    const heard = breathOf({ blockConcurrencyWhile: breaths });
    const hear = (frames: number, apart: number, weight = 1): void => {
      for (let i = 0; i < frames; i++) {
        vi.setSystemTime(Date.now() + apart);
        heard(weight);
      }
    };
    hear(640, 2);
    expect(breaths).toHaveBeenCalledTimes(0);
    hear(640, 1);
    expect(breaths).toHaveBeenCalledTimes(10);
    hear(80, 1, FLOODING);
    expect(breaths).toHaveBeenCalledTimes(20);
  } finally {
    vi.useRealTimers();
  }
});

test("[Q19] in real workerd others are heard while one connection sends all it can", async () => {
  process.loadEnvFile(join(import.meta.dirname, "../../../../wrangler.env"));
  const config = join(import.meta.dirname, "flooded.wrangler.jsonc");
  const worker = await WorkerProcess.start({ config });
  try {
    const open = async (): Promise<WebSocket> => {
      const url = `ws://${worker.host}/rooms/flooded/x`;
      const socket = new WebSocket(url, ["greenroom.1"], { perMessageDeflate: false });
      await once(socket, "message");
      return socket;
    };
    const [greedy, other] = await Promise.all([open(), open()]);
    // Each is told how much of the flood the room had heard before it.
    const heard: number[] = [];
    const [frames, every] = [4_000, 100];
    const done = new Promise<void>((resolve) => {
      other.on("message", (frame: Buffer) => {
        for (const [, count] of frame.toString().matchAll(/\["v",\d+,(\d+)\]/g))
          heard.push(Number(count));
        if (heard.length === frames / every) resolve();
      });
    });
    for (let n = 1; n <= frames; n++) {
      greedy.send(`["m",${n},"say",{"text":"${"!".repeat(100)}"}]`);
      if (n % every === 0) other.send(`["c",${n / every},"said"]`);
    }
    await done;
    // Without a breath all but the first two or three are heard when the flood is over.
    expect(heard.filter((count) => count < frames).length).toBeGreaterThan(20);
    greedy.terminate();
    other.terminate();
  } finally {
    await worker.stop();
  }
});
