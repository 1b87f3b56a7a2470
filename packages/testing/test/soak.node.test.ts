// The soak: its short form as a command, the slope that it holds memory to, and its picture.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { connect } from "@greenroom/client";
import { WorkerProcess } from "@greenroom/testing";
import { describe, expect, test } from "vitest";

import { soakRoom } from "../../../bench/soak/contract.ts";
import { growthOf, grownTooMuch, isWithin, tooShortToTell } from "../../../bench/soak/growth.ts";
import { heldBy } from "../../../bench/soak/heap.ts";
import { type Sample, slope } from "../../../bench/soak/memory.ts";
import { FULL, TIDES } from "../../../bench/soak/pace.ts";
import { plot } from "../../../bench/soak/plot.ts";

const COMMAND = join(import.meta.dirname, "../../../bench/soak/main.ts");

test(
  "rooms that live for seconds, with cuts and a kill, lose nothing and leave nothing behind",
  { timeout: 240_000 },
  async () => {
    const flags = "--json --minutes 0.03 --clients 4 --rooms 2 --kills 1".split(" ");
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...flags]);
    const report = JSON.parse(stdout) as Record<string, number>;
    expect(report).toMatchObject({
      passed: true,
      lost: 0,
      duplicated: 0,
      reordered: 0,
      leftovers: 0,
      kills: 1,
    });
    expect(report["lives"]).toBeGreaterThanOrEqual(2);
    expect(report["expired"]).toBe(report["lives"]);
    expect(report["taken"]).toBeGreaterThan(0);
  },
);

/** A sample each 10 s. */
function samples(count: number, of: (index: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    at: index * 10,
    start: 0,
    workerd: 100,
    rooms: 2,
    clients: 50,
    connected: 4,
    taken: index,
    lives: index,
    ...of(index),
  }));
}

describe("the slope of memory", () => {
  test("is what it grows in an hour, whatever the noise around it", () => {
    const noisy = samples(100, (index) => ({ workerd: 100 + index / 10 + (index % 2) }));
    const { slope: grown, low, high } = slope(noisy, "workerd", 0);
    expect(grown * 3_600).toBeCloseTo(36, 0);
    expect(low * 3_600).toBeGreaterThan(30);
    expect(high * 3_600).toBeLessThan(42);
    expect(slope(noisy, "clients", 0)).toEqual({ slope: 0, low: 0, high: 0 });
  });

  test("does not count what a start takes, nor that each start begins anew", () => {
    const started = samples(60, (index) => ({
      start: index < 30 ? 0 : 1,
      workerd: (index < 30 ? 100 : 40) + Math.min(index % 30, 10) * 8,
    }));
    expect(slope(started, "workerd", 100).slope).toBeCloseTo(0);
    expect(slope(started, "workerd", 0).high * 3_600).toBeGreaterThan(100);
  });

  test("passes over samples of a workerd that was away", () => {
    expect(
      slope(
        samples(10, (at) => (at === 4 ? { workerd: NaN } : {})),
        "workerd",
        0,
      ).slope,
    ).toBe(0);
  });
});

describe("a leak", () => {
  /** What was held at the rests of runs of four minutes on a busy machine, in MB; 20 rooms live between two of them. */
  const HEALTHY = {
    rooms: [1.723, 1.759, 1.788, 1.841, 1.839, 1.846, 1.85, 1.851, 1.851, 1.855, 1.857],
    clients: [59.65, 60.09, 60.3, 60.31, 60.49, 60.6, 60.69, 60.68, 60.91, 60.94, 60.94],
  };
  const LEAKING = {
    rooms: [1.742, 1.829, 1.897, 1.931, 1.966, 2.024, 2.076, 2.128, 2.184, 2.226, 2.269],
    clients: [62.56, 64.89, 66.99, 70.26, 74.2, 76.59, 78.92, 82.96, 85.12, 87.73, 90.92],
  };
  const span = { seconds: 240, lives: 220, pace: TIDES };
  const rests = (of: "rooms" | "clients", held: readonly number[]): Sample[] =>
    samples(held.length, (index) => ({ [of]: held[index], lives: 20 * (index + 1), atRest: true }));

  test.each(["rooms", "clients"] as const)("of %s is found, and none where there is none", (of) => {
    const healthy = growthOf(rests(of, HEALTHY[of]), of, span);
    expect(healthy.bound).toBeGreaterThan(0);
    expect(isWithin(healthy)).toBe(true);
    const leaking = growthOf(rests(of, LEAKING[of]), of, span);
    expect(isWithin(leaking)).toBe(false);
    expect(grownTooMuch(of, leaking)).toMatch(
      /^memory of \w+ grows by [\d.]+ KB for each room that lives \([\d.]+ to [\d.]+\), at most \d was expected: [\d.]+ MB an hour/,
    );
  });

  test("is not told of a run that had too few rests, nor of a short one without", () => {
    const few = rests("rooms", LEAKING.rooms.slice(0, 6));
    expect(growthOf(few, "rooms", span).bound).toBeNull();
    expect(tooShortToTell(few, span)).toEqual([
      "nothing is told of memory: 1 rests more are needed, take more --minutes",
    ]);
    expect(tooShortToTell(rests("rooms", LEAKING.rooms), span)).toEqual([]);
    const full = { ...span, seconds: 600, pace: FULL };
    expect(
      growthOf(
        samples(60, () => ({})),
        "rooms",
        full,
      ).bound,
    ).toBeNull();
    expect(
      growthOf(
        samples(90, () => ({})),
        "rooms",
        { ...full, seconds: 900 },
      ).bound,
    ).toBe(3);
  });

  test("of the rooms is in what workerd's inspector tells", { timeout: 60_000 }, async () => {
    const config = join(import.meta.dirname, "../../../bench/soak/wrangler.jsonc");
    const server = await WorkerProcess.start({ config, inspect: true });
    const held = async (): Promise<number> =>
      heldBy(await server.inspector(), `${server.url}/wakes`);
    try {
      for (let warm = 0; warm < 3; warm++) await talk(server.host, 400);
      const before = await held();
      await talk(server.host, 400);
      const healthy = await held();
      await fetch(`${server.url}/leak`);
      await talk(server.host, 400);
      const leaking = await held();
      expect((healthy - before) * 1_024).toBeLessThan(100);
      expect((leaking - healthy) * 1_024).toBeGreaterThan(200); // 400 messages of half a kilobyte
    } finally {
      await server.stop();
    }
  });
});

/** Somebody says so much in one room, and waits until all of it is taken. */
async function talk(host: string, messages: number): Promise<void> {
  const room = connect(soakRoom, { host, room: "talk", kind: "brief" });
  const texts = Array.from({ length: messages }, (_, n) => `${n} ${"x".repeat(512)}`);
  await Promise.all(texts.map((key) => room.send("put", { key })));
  room.close();
}

test("the picture has a line for each measure, broken where workerd starts again", () => {
  const svg = plot(
    samples(20, (index) => ({ start: index < 10 ? 0 : 1 })),
    "a < b",
  );
  expect(svg).toContain("a &lt; b");
  expect(svg.match(/<path d="M/g)).toHaveLength(4);
  expect(svg.match(/class="kill"/g)).toHaveLength(4);
  // Of the four lines only those of workerd and of its rooms begin twice.
  expect(svg.match(/M\d+\.\d \d+\.\d/g)).toHaveLength(6);
  // Runs of before the rooms were looked at have no such line.
  const older = samples(20, () => ({})).map(({ rooms: _rooms, ...rest }) => rest as Sample);
  expect(plot(older, "older").match(/<path d="M/g)).toHaveLength(3);
  expect(svg).not.toContain("NaN");
});
