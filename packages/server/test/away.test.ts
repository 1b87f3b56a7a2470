// Rules Q7, Q20 and Q21: who was sent away, and comes all the same.
import { helloProtocols } from "@greenroom/protocol";
import { type Claims, routeRooms } from "@greenroom/server";
import { type RawSocket, testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { limited, type RatedRoom } from "./rooms/limited.ts";
import { sessionToken } from "./speak.ts";
import { authenticate, tokenOf } from "./through.ts";

/** A room that five frames exhaust, and the way to it. */
async function rated(): Promise<{
  room: TestRoom<RatedRoom>;
  fetch: (request: Request) => Promise<Response>;
}> {
  const fetch = (request: Request): Promise<Response> =>
    routeRooms(request, env, { rooms: { rated: env.RatedRoom }, authenticate });
  return { room: await testRoom(env.RatedRoom, { through: { fetch } }), fetch };
}

async function comesIn(
  room: TestRoom<RatedRoom>,
  claims: Claims,
  session = sessionToken(),
): Promise<RawSocket> {
  return room.open({
    kind: "rated",
    protocols: helloProtocols({ session, epoch: null, seq: null }, tokenOf(claims)),
  });
}

function flood(socket: RawSocket): void {
  for (let n = 1; n <= 1_100; n++) socket.send(`["m",${n},"say","x"]`);
}

test("[Q7] [Q20] who dials before its time is told four times, and then refused outright, and comes in after it", async () => {
  const { room, fetch } = await rated();
  const session = sessionToken();
  const first = await comesIn(room, {}, session);
  flood(first);
  expect(await first.closed()).toEqual({ code: 4201, reason: "limited; retry after 600000 ms" });
  for (let dial = 0; dial < 4; dial++) {
    const again = await comesIn(room, {}, session);
    expect(await again.closed()).toMatchObject({ code: 4201 });
  }
  const protocols = helloProtocols({ session, epoch: null, seq: null }, tokenOf({}));
  const asked = performance.now();
  const outright = await fetch(
    new Request(`https://rooms.example/rooms/rated/${room.name}`, {
      headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols.join(", ") },
    }),
  );
  expect(performance.now() - asked).toBeGreaterThanOrEqual(990);
  expect(outright.status).toBe(429);
  expect(outright.webSocket).toBeNull();
  const told: { code: string; retryAfter: number } = await outright.json();
  expect(told.code).toBe("limited");
  expect(told.retryAfter).toBeGreaterThan(590_000);
  const other = await comesIn(room, {});
  other.send('["c",1,"echo","hello"]');
  await other.next();
  expect(await other.next()).toContain('["v",1,"hello"]');
  await time.advance(600_000);
  const late = await comesIn(room, {}, session);
  expect(await late.next()).toContain('["w",');
});

test("[Q7] [Q20] a user that was sent away is away with every session", async () => {
  const { room } = await rated();
  const greedy = await comesIn(room, { sub: "greedy" });
  flood(greedy);
  expect(await greedy.closed()).toMatchObject({ code: 4201 });
  for (let dial = 0; dial < 4; dial++) {
    const minted = await comesIn(room, { sub: "greedy" });
    expect(await minted.closed()).toMatchObject({ code: 4201 });
  }
  const other = await comesIn(room, { sub: "modest" });
  expect(await other.next()).toContain('["w",');
});

test("[Q7] [C1] [D9] the client keeps to the time it was told, dials once when it is over, and what waited is carried out once", async () => {
  const dials: number[] = [];
  const fetch = (request: Request): Promise<Response> => {
    dials.push(time.now);
    return routeRooms(request, env, { rooms: { rated: env.RatedRoom } });
  };
  const room = await testRoom(env.RatedRoom, { through: { fetch } });
  const greedy = await room.connect(limited, { kind: "rated", outbox: 2_000 });
  const at = time.now;
  const say = (from: number, to: number): Promise<void>[] =>
    Array.from({ length: to - from }, (_, n) => greedy.send("say", `text ${from + n}`));
  // Five are taken, 1,024 rejected, and with the next the connection is closed.
  const early = await Promise.allSettled(say(0, 1_029));
  expect(early.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  let isOver = false;
  const rest = Promise.all(say(1_029, 1_032)).then(() => (isOver = true));
  for (let minute = 0; minute < 9; minute++) {
    await time.advance(60_000);
    expect(greedy.status.state).toBe("reconnecting");
  }
  await time.advance(59_000);
  expect(dials).toHaveLength(1);
  expect(isOver).toBe(false);
  await time.advance(30_000);
  await rest;
  expect(greedy.status.state).toBe("connected");
  expect(dials).toHaveLength(2);
  expect((dials[1] ?? 0) - at).toBeGreaterThanOrEqual(600_000);
  const seen = await room.run((instance) => instance.seen);
  expect(seen).toEqual([0, 1, 2, 3, 4, 1_029, 1_030, 1_031].map((n) => `text ${n}`));
});

test("[Q21] in a room without a contract a connection with eight times `lag` unread is closed, and the others are not", async () => {
  const room = await testRoom(env.RatedRawRoom);
  const reader = await room.open();
  const slow = await room.open({ unread: true });
  const text = "x".repeat(5_000);
  for (let n = 1; n <= 4; n++) {
    await room.run((instance) => instance.broadcast(text));
    expect(await reader.next()).toBe(text);
  }
  slow.network.flow();
  expect(await slow.closed()).toEqual({ code: 4201, reason: "limited; retry after 1000 ms" });
  expect(slow.waiting).toEqual([text, text]);
});
