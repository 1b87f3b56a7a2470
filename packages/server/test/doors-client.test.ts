import { type Authenticate, type Claims, routeRooms } from "@greenroom/server";
import { testRoom, type TestRoom, time } from "@greenroom/testing/workers";
// The doors with the client that ships: what it is told, what it does then, and what it does not.
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { door, type DoorRoom, open } from "./rooms/doors.ts";
import { authenticate, tokenOf } from "./through.ts";

const MINUTE = 60_000;

/** A room that is come to through the Worker, and the tokens that were asked for, in order. */
async function roomAndTokens(
  decide: Authenticate = authenticate,
): Promise<{ room: TestRoom<DoorRoom>; tokens: (string | undefined)[] }> {
  const tokens: (string | undefined)[] = [];
  const room = await testRoom(env.DoorRoom, {
    through: {
      fetch: (request) =>
        routeRooms(request, env, {
          rooms: { desk: env.DoorRoom },
          authenticate: (inner, context) => {
            tokens.push(context.token);
            return decide(inner, context);
          },
        }),
    },
  });
  return { room, tokens };
}

const claimsOf = (user: string, ends?: number): Claims => ({
  sub: user,
  name: user,
  ...(ends !== undefined && { exp: ends / 1_000 }),
});

test("[W11] [W12] claims end, a fresh token is fetched, and nothing is lost meanwhile", async () => {
  const { room, tokens } = await roomAndTokens();
  let asked = 0;
  const fresh = (): Promise<string> => {
    asked += 1;
    return Promise.resolve(tokenOf(claimsOf("anna", time.now + 2 * MINUTE)));
  };
  const anna = await room.connect(door, { token: fresh });
  const ben = await room.connect(door, { token: tokenOf(claimsOf("ben")) });
  await anna.send("say", "one");
  await anna.moment("resume");
  for (let end = 1; end <= 3; end++) {
    await time.advance(2 * MINUTE);
    expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
    await anna.send("say", `after ${end}`);
  }
  expect(asked).toBe(4);
  expect(tokens).toHaveLength(5);
  await ben.next("said", ({ text }) => text === "after 3");
  for (const client of [anna, ben])
    expect(client.received("said").map(({ text }) => text)).toEqual([
      "one",
      "after 1",
      "after 2",
      "after 3",
    ]);
  expect((await anna.call("who")) as object).toMatchObject({ user: "anna" });
});

test("[W12] a second fresh token that is denied stops the client", async () => {
  let isOver = false;
  const { room, tokens } = await roomAndTokens((request, context) =>
    authenticate(request, isOver ? { ...context, token: "stale" } : context),
  );
  const anna = await room.connect(door, {
    token: () => tokenOf(claimsOf("anna", time.now + MINUTE)),
  });
  isOver = true;
  await time.advance(MINUTE);
  expect(await anna.closed()).toEqual({ code: 4100, reason: "unauthenticated: stale" });
  await expect(anna.send("say", "x")).rejects.toMatchObject({ code: "closed" });
  expect(tokens).toHaveLength(3);
  await time.advance(60 * MINUTE);
  expect(tokens).toHaveLength(3); // and it does not try again
});

test("[W2] a refusal stops the client at its first dial", async () => {
  const { room, tokens } = await roomAndTokens();
  const stranger = room.dial(door, { token: () => "stranger" });
  expect(await stranger.closed()).toEqual({
    code: 4000,
    reason: "refused: strangers stay outside",
  });
  await time.advance(60 * MINUTE);
  expect(tokens).toEqual(["stranger"]);
  expect(await room.stored()).toEqual({ rows: 0, tables: [], keys: 0, alarm: null });
});

test.each([
  ["kick", 4003, "kicked: you know why"],
  ["ban", 4006, "banned: spam"],
] as const)(
  "[W13] [W14] a client that the room sends away by %s stays away",
  async (verb, code, reason) => {
    const { room, tokens } = await roomAndTokens();
    const anna = await room.connect(door, { token: tokenOf(claimsOf("anna")) });
    const ben = await room.connect(door, { token: () => tokenOf(claimsOf("ben")) });
    if (verb === "kick") await anna.send("kick", ben.id ?? "");
    else await anna.send("ban", { user: "ben" });
    expect(await ben.closed()).toEqual({ code, reason });
    await time.advance(10 * MINUTE);
    expect(tokens).toHaveLength(2);
    expect(anna.status.state).toBe("connected");
  },
);

test("[W14] a client that was banned for a time stays away by itself, and comes in by hand when it is over", async () => {
  const { room, tokens } = await roomAndTokens();
  const anna = await room.connect(door, { token: tokenOf(claimsOf("anna")) });
  const ben = await room.connect(door, { token: () => tokenOf(claimsOf("ben")) });
  await anna.send("ban", { user: "ben", for: 10 * MINUTE });
  expect(await ben.closed()).toEqual({ code: 4006, reason: "banned: spam" });
  const early = room.dial(door, { token: tokenOf(claimsOf("ben")) });
  expect(await early.closed()).toEqual({ code: 4006, reason: "banned: spam" });
  await time.advance(11 * MINUTE);
  expect(tokens).toHaveLength(3); // nobody has tried again
  expect([ben.status.state, early.status.state]).toEqual(["closed", "closed"]);
  const late = await room.connect(door, { token: tokenOf(claimsOf("ben")) });
  expect(late.status.state).toBe("connected");
});

test("[W15] a client that comes to a locked room stops; one that was in comes back", async () => {
  const { room } = await roomAndTokens();
  const anna = await room.connect(door, { token: tokenOf(claimsOf("anna")) });
  await anna.send("lock", "full house");
  await anna.moment("resume");
  const late = room.dial(door, { token: tokenOf(claimsOf("carl")) });
  expect(await late.closed()).toEqual({ code: 4007, reason: "locked: full house" });
  await room.crash();
  expect(await anna.moment("resume")).toMatchObject({ kind: "resumed" });
});

test("[W16] a client that finds a room full comes back, and gets in when there is a place", async () => {
  const room = await testRoom(env.SmallRoom);
  const [first] = await Promise.all([1, 2, 3].map(() => room.connect(open, { kind: "small" })));
  const late = room.dial(open, { kind: "small" });
  await time.advance(1_000);
  expect(late.status.state).toBe("connecting");
  first?.close();
  await time.advance(60_000);
  expect(late.status.state).toBe("connected");
});

test("[W9] [W10] what may not be done is rejected with the reason", async () => {
  const { room } = await roomAndTokens();
  const reader = await room.connect(door, {
    token: tokenOf({ ...claimsOf("anna"), readOnly: true }),
  });
  await expect(reader.send("say", "x")).rejects.toMatchObject({
    code: "refused",
    reason: "read-only",
  });
  expect(await reader.call("seen")).toHaveLength(1);
  const anna = await room.connect(door, { token: tokenOf(claimsOf("anna")) });
  await expect(anna.send("say", "throw")).rejects.toMatchObject({
    code: "refused",
    reason: "not that word",
  });
});
