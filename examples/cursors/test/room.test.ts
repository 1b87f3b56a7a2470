// The room in real workerd: its clock is the test's.
import { presence } from "@greenroom/client/presence";
import { evictionSuite, expectCost, testRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { canvas, type Point } from "../contract.ts";

const points: Point[] = [
  [10, 10],
  [20, 30],
];
const use = [presence] as const;

test("the log is the drawing: whoever comes gets all of it", async () => {
  const room = await testRoom(env.CanvasRoom);
  const fern = await room.connect(canvas, { use });
  for (let n = 0; n < 60; n++) await fern.send("draw", { points });
  await room.evict();
  const late = await room.connect(canvas, { use });
  await late.reached(60);
  expect(late.received("drawn")).toHaveLength(60);
  expect(late.received("drawn")[0]).toEqual({ by: fern.id, points });
});

test("a pointer outside of the canvas is nobody's, and a stroke needs points", async () => {
  const room = await testRoom(env.CanvasRoom);
  const fern = await room.connect(canvas, { use });
  const outside = { name: "Fern", at: [1201, 0] as Point, isDown: false };
  expect(() => fern.presence.set(outside)).toThrow(expect.objectContaining({ code: "invalid" }));
  await expect(fern.send("draw", { points: [] })).rejects.toMatchObject({ code: "invalid" });
});

test("pointers cost no row, however often they move, and stay through a sleep", async () => {
  const room = await testRoom(env.CanvasRoom);
  const fern = await room.connect(canvas, { use });
  const moth = await room.connect(canvas, { use });
  await fern.send("draw", { points }); // the room has begun
  const cost = await expectCost(room);
  const shown = (): unknown =>
    moth.presence.members.find(({ id }) => id === fern.id)?.presence?.at ?? null;
  for (let x = 1; x <= 20; x++) {
    fern.presence.set({ name: "Fern", at: [x, 0], isDown: false });
    await time.advance(50);
  }
  await vi.waitFor(() => expect(shown()).toEqual([20, 0]));
  expect(await cost.spent()).toMatchObject({ rowsWritten: 0, alarms: 0 });
  await room.evict();
  const wren = await room.connect(canvas, { use });
  await vi.waitFor(() =>
    expect(wren.presence.members.find(({ id }) => id === fern.id)?.presence?.at).toEqual([20, 0]),
  );
});

evictionSuite("the canvas", {
  room: env.CanvasRoom,
  contract: canvas,
  clients: ["fern", "moth"],
  steps: [
    ({ fern }) => fern.send("draw", { points }),
    ({ moth }) => moth.send("draw", { points: [[5, 5]] }),
    ({ fern }) => fern.send("wipe", null),
    ({ moth }) => moth.send("draw", { points }),
  ],
});
