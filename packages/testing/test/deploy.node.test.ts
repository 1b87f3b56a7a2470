// A deploy of a full room: everybody is dropped in one moment, and nobody comes back in lockstep.
import { join } from "node:path";

import { connect } from "@greenroom/client";
import { WorkerProcess } from "@greenroom/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";

import { chaosRoom } from "../../../bench/chaos/contract.ts";

const config = join(import.meta.dirname, "../../../bench/chaos/wrangler.jsonc");
const MEMBERS = 120;
let worker: WorkerProcess;

beforeAll(async () => {
  worker = await WorkerProcess.start({ config });
}, 60_000);
afterAll(() => worker.stop());

test(
  "[D2] after a deploy the 120 members of a room dial again spread over the slots that it handed out",
  { timeout: 60_000 },
  async () => {
    const dials: number[] = [];
    class Watched extends WebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        dials.push(performance.now());
      }
    }
    const options = { host: worker.host, room: "full", WebSocket: Watched };
    const members = Array.from({ length: MEMBERS }, () => connect(chaosRoom, options));
    const isIn = (): boolean => members.every(({ status }) => status.state === "connected");
    await vi.waitUntil(isIn, { timeout: 20_000 });
    const first = dials.length;
    const dropped = performance.now();
    await worker.kill();
    await vi.waitUntil(isIn, { timeout: 30_000 });
    members.forEach((member) => member.close());

    // The first attempts after the drop. Without slots all would come within half a second; the slots
    // grow with the room, up to 600 ms for the last, and are drawn from by chance.
    const waits = dials
      .slice(first, first + MEMBERS)
      .map((at) => at - dropped)
      .toSorted((a, b) => a - b);
    const crowd = waits.map((at) => waits.filter((other) => other >= at && other < at + 50).length);
    expect(Math.max(...crowd)).toBeLessThan(MEMBERS / 3);
    expect((waits[114] ?? 0) - (waits[5] ?? 0)).toBeGreaterThan(600);
  },
);
