// Rules Q7 and Q20 through a Worker: who was sent away, and comes all the same.
import { helloProtocols } from "@greenroom/protocol";
import { type Claims, routeRooms } from "@greenroom/server";
import { observe } from "@greenroom/server/logs";
import { type RawSocket, testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, onTestFinished, test } from "vitest";

import type { RatedRoom } from "./rooms/limited.ts";
import { sessionToken } from "./speak.ts";
import { authenticate, tokenOf } from "./through.ts";

/** A room that five frames exhaust, and who has turned handshakes away from it: the object or the Worker. */
async function rated(): Promise<{
  room: TestRoom<RatedRoom>;
  fetch: (request: Request) => Promise<Response>;
  refusedBy: string[];
}> {
  const fetch = (request: Request): Promise<Response> =>
    routeRooms(request, env, { rooms: { rated: env.RatedRoom }, authenticate });
  const room = await testRoom(env.RatedRoom, { through: { fetch } });
  const refusedBy: string[] = [];
  onTestFinished(
    observe((event) => {
      if (event.event === "refuse" && event.room === room.name) refusedBy.push(event.kind);
    }),
  );
  return { room, fetch, refusedBy };
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

test("[Q7] [Q20] before its time a session reaches no object: it is told four times, and then refused outright", async () => {
  const { room, fetch, refusedBy } = await rated();
  const session = sessionToken();
  const first = await comesIn(room, {}, session);
  flood(first);
  expect(await first.closed()).toEqual({ code: 4201, reason: "limited; retry after 600000 ms" });
  for (let dial = 0; dial < 4; dial++) {
    const again = await comesIn(room, {}, session);
    expect(await again.closed()).toMatchObject({ code: 4201 });
  }
  const worker = ["rated", "rated", "rated"];
  expect(refusedBy).toEqual(["RatedRoom", ...worker]);
  const protocols = helloProtocols({ session, epoch: null, seq: null }, tokenOf({}));
  const outright = await fetch(
    new Request(`https://rooms.example/rooms/rated/${room.name}`, {
      headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols.join(", ") },
    }),
  );
  expect(outright.status).toBe(429);
  expect(outright.headers.get("Retry-After")).toBe("600");
  expect(await outright.json()).toMatchObject({ code: "limited" });
  expect(refusedBy).toEqual(["RatedRoom", ...worker, "rated"]);
  const other = await comesIn(room, {});
  other.send('["c",1,"echo","hello"]');
  await other.next();
  expect(await other.next()).toContain('["v",1,"hello"]');
  await time.advance(600_000);
  const late = await comesIn(room, {}, session);
  expect(await late.next()).toContain('["w",');
});

test("[Q7] [Q20] a user that was sent away is away with every session", async () => {
  const { room, refusedBy } = await rated();
  const greedy = await comesIn(room, { sub: "greedy" });
  flood(greedy);
  expect(await greedy.closed()).toMatchObject({ code: 4201 });
  for (let dial = 0; dial < 4; dial++) {
    const minted = await comesIn(room, { sub: "greedy" });
    expect(await minted.closed()).toMatchObject({ code: 4201 });
  }
  expect(refusedBy).toEqual(["RatedRoom", "rated", "rated", "rated"]);
  const other = await comesIn(room, { sub: "modest" });
  expect(await other.next()).toContain('["w",');
});
