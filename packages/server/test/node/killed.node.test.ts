// A thousand timers in real time, in a workerd that is killed with kill -9 while they ring.
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

import { WorkerProcess } from "@greenroom/testing";
import { expect, test } from "vitest";

import type { Kept } from "./killed-worker.ts";

const COUNT = 1_000;
const SECOND = 1_000;

test("[M3] 1,000 timers and kill -9 between them: each rings once, on time or when the process is back", async () => {
  const worker = await WorkerProcess.start({
    config: join(import.meta.dirname, "killed.wrangler.jsonc"),
  });
  const read = async (): Promise<{ rung: Kept[]; left: number }> => {
    const answer = await fetch(worker.url);
    const kept: { rung: Kept[]; left: number } = await answer.json();
    return kept;
  };
  const rungCount = async (least: number): Promise<void> => {
    await expect
      .poll(async () => (await fetch(`${worker.url}/count`)).json(), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(least);
  };
  // How late the machine itself is: a clock that ticks in this process.
  const lag = monitorEventLoopDelay();
  try {
    await read(); // the room is awake
    lag.enable();
    const start = Date.now() + SECOND;
    // No two at the same time, and not in the order in which they are set.
    const dues = Array.from({ length: COUNT }, (_, n) => start + ((n * 617) % COUNT) * 3);
    await fetch(worker.url, { method: "POST", body: JSON.stringify(dues) });
    const outages: { readonly from: number; readonly to: number }[] = [];
    for (const share of [0.2, 0.5, 0.7]) {
      await rungCount(COUNT * share);
      const from = Date.now();
      await worker.kill();
      await read();
      outages.push({ from, to: Date.now() });
    }
    await rungCount(COUNT);
    lag.disable();
    const { rung, left } = await read();
    expect(left).toBe(0);
    expect(rung.map(({ due }) => due)).toEqual(dues.toSorted((a, b) => a - b));
    expect(new Set(rung.map(({ n }) => n)).size).toBe(COUNT);
    const late = SECOND + lag.max / 1e6;
    for (const { due, at } of rung) {
      const outage = outages.find(({ from, to }) => due >= from - SECOND && due <= to);
      expect(at - due).toBeGreaterThanOrEqual(0);
      expect(at - Math.max(due, outage?.to ?? 0)).toBeLessThanOrEqual(late);
    }
    const latest = Math.max(...rung.map(({ due, at }) => at - due));
    console.log(
      `killed ${outages.length} times; the latest ring was ${latest} ms late, the process was away for up to ${Math.max(...outages.map(({ from, to }) => to - from))} ms`,
    );
  } finally {
    await worker.stop();
  }
}, 90_000);
