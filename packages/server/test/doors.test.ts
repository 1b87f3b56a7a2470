import { helloProtocols } from "@greenroom/protocol";
import { type Claims, refuse, type RouteOptions } from "@greenroom/server";
// The way in: who is let in, what reaches the room of it, and what does not.
import { testRoom, type TestRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";

import { sessionToken, speak } from "./speak.ts";
import { authenticate, roomThrough, tokenOf, workerOf } from "./through.ts";

const ANNA: Claims = { sub: "u-anna", name: "anna" };
const BEN: Claims = { sub: "u-ben", name: "ben" };

const logged = vi.spyOn(console, "error");

beforeEach(() => {
  logged.mockReset();
  logged.mockImplementation(() => undefined);
});

/** Whether nothing was ever stored in a room, and it never started. */
async function untouched(room: Pick<TestRoom<undefined>, "run">): Promise<void> {
  await room.run(async (_room, { storage }) => {
    expect(storage.sql.databaseSize).toBe(4_096);
    expect(await storage.getAlarm()).toBe(null);
  });
}

const bearer = (claims: Claims | string): Record<string, string> => ({
  Authorization: `Bearer ${typeof claims === "string" ? claims : tokenOf(claims)}`,
});

test("[W1] [W2] [A22] whoever is turned away hears why, wakes no room and stores nothing", async () => {
  const room = await roomThrough("door");
  const cases = [
    [undefined, 4100, "unauthenticated", 401, { code: "unauthenticated" }],
    ["stale", 4100, "unauthenticated: stale", 401, { code: "unauthenticated", reason: "stale" }],
    [
      "stranger",
      4000,
      "refused: strangers stay outside",
      403,
      { code: "refused", reason: "strangers stay outside" },
    ],
  ] as const;
  for (const [token, code, reason, status, body] of cases) {
    const protocols = helloProtocols({ session: sessionToken(), epoch: null, seq: null }, token);
    const a = await room.open({ protocols });
    expect(await a.closed()).toEqual({ code, reason });
    const headers = token === undefined ? {} : bearer(token);
    const answer = await room.fetch("", { headers });
    expect([answer.status, await answer.json()]).toEqual([status, body]);
  }
  expect(logged).not.toHaveBeenCalled();
  await untouched(room);
});

test("[W1] [A1] a fault of authenticate is logged with an id, and its text reaches nobody", async () => {
  const room = await roomThrough("door");
  const a = await room.open({ headers: bearer("broken") });
  expect(await a.closed()).toEqual({
    code: 4200,
    reason: expect.stringMatching(/^failed; retry after 5000 ms: id \w{8}$/) as string,
  });
  const answer = await room.fetch("", { headers: bearer("broken") });
  expect([answer.status, await answer.json()]).toEqual([
    500,
    { code: "failed", id: expect.any(String), retryAfter: 5_000 },
  ]);
  expect(String(logged.mock.lastCall)).toContain(`door/${room.name}: authenticate failed`);
  expect(logged.mock.calls.map(String).join()).not.toContain("Bearer");
  await untouched(room);
});

test.each([
  ["undefined", undefined],
  ["null", null],
  ["an array", []],
  ["a `sub` that is no text", { sub: 7 }],
  ["a `sub` that is no text", { sub: "x".repeat(257) }],
  ["an `exp` that is no number", { exp: "tomorrow" }],
  ["a `readOnly` that is neither", { readOnly: "yes" }],
  ["claims of", { sub: "x", text: "y".repeat(9_000) }],
])(
  "[W1] authenticate that returns %s is a mistake of ours, and lets nobody in",
  async (what, claims) => {
    const room = await roomThrough("open", { authenticate: () => claims as Claims });
    const answer = await room.fetch();
    expect(await answer.json()).toMatchObject({ code: "failed" });
    expect(String(logged.mock.lastCall?.[1])).toContain(`authenticate returned ${what}`);
  },
);

test("[W1] [A1] what `origins` throws at what a client sends is logged with an id, and reaches nobody", async () => {
  const origins = (origin: string): boolean => new URL(origin).hostname === "room.test";
  const room = await roomThrough("raw", { origins });
  const answer = await room.fetch("", { headers: { Origin: "null" } });
  expect([answer.status, await answer.json()]).toMatchObject([500, { code: "failed" }]);
  const a = await room.open({ headers: { Origin: "null" } });
  expect(await a.closed()).toMatchObject({ code: 4200 });
  expect(String(logged.mock.lastCall)).toContain(`raw/${room.name}: origins failed`);
});

test("[W1] an authenticate that leaves the room no body is a mistake of ours, and is told so", async () => {
  const posted = async (read: (request: Request) => Request): Promise<Response> => {
    const room = await roomThrough("raw", {
      authenticate: async (request) => ({ sub: await read(request).text() }),
    });
    return room.fetch("", { method: "POST", body: "anna" });
  };
  expect(await (await posted((request) => request.clone())).json()).toEqual({ sub: "anna" });
  expect(await (await posted((request) => request)).json()).toMatchObject({ code: "failed" });
  expect(String(logged.mock.lastCall?.[1])).toContain("Read `request.clone()`");
});

test.each(["open", "raw"] as const)(
  "[W4] claims that no sleeping socket can keep let nobody into a room (%s), and leave nothing there",
  async (kind) => {
    // Less than 8 KiB of JSON, and more than 16 KiB as the platform keeps it.
    const claims: Claims = { sub: "anna", halves: Array<number>(1_900).fill(0.5) };
    const room: Pick<TestRoom<undefined>, "open" | "run"> = await roomThrough(kind, {
      authenticate: () => claims,
    });
    const a = await room.open();
    expect(await a.closed()).toMatchObject({ code: 4200 });
    expect(String(logged.mock.lastCall?.[1])).toContain("what a sleeping socket can keep");
    await room.run((_room, ctx) => {
      expect(ctx.getWebSockets()).toEqual([]);
    });
  },
);

test("[W3] claims reach the members as authenticate gave them, and HTTP requests too", async () => {
  const room = await roomThrough("door");
  const anna = await speak(room, {
    token: tokenOf({ ...ANNA, readOnly: true }),
  });
  anna.call(1, "who");
  // What the contract's schema makes of them.
  expect((await anna.outcome(1)).answer).toEqual({
    claims: { sub: "u-anna", name: "ANNA" },
    user: "u-anna",
    readOnly: true,
    state: { of: "ANNA" },
  });
  const answer = await room.fetch("?a=1", { headers: bearer(BEN) });
  expect(await answer.json()).toEqual({
    claims: BEN,
    url: `https://room.test/rooms/door/${room.name}?a=1`,
  });
});

const FORGED = JSON.stringify({ greenroom: { sub: "u-root", name: "root" } });
const FORGERIES: Record<string, string> = {
  "MF-CF-Blob": FORGED,
  "cf-blob": FORGED,
  cf: FORGED,
  "x-greenroom-claims": FORGED,
  "x-greenroom-user": "u-root",
  "x-partykit-props": FORGED,
  "x-partykit-room": "root",
  "x-partykit-namespace": "root",
  "cf-connecting-ip": "127.0.0.1",
};
const QUERY = `?_pk=root&claims=${encodeURIComponent(FORGED)}&greenroom=${encodeURIComponent(FORGED)}&token=x`;

test("[W3] [A2] [A3] no header and no query makes claims, with authenticate or without", async () => {
  for (const options of [{}, { authenticate: () => ({}) }]) {
    const room = await roomThrough("raw", options);
    const answer = await room.fetch(QUERY, { headers: FORGERIES });
    expect(await answer.json()).toEqual("authenticate" in options ? {} : null);
    const a = await room.open({ path: QUERY, headers: FORGERIES });
    const claims = "authenticate" in options ? {} : null;
    expect(JSON.parse(await a.next())).toEqual([claims, claims]);
  }
});

test("[W3] a cf that came from outside loses what it says under our name", async () => {
  const cf = { colo: "XXX", greenroom: { sub: "u-root" } };
  const seen: unknown[] = [];
  for (const options of [{}, { authenticate: () => ANNA }]) {
    const room = await roomThrough("raw", options);
    // Asked for `?cf`, it answers with all that has reached it.
    seen.push(await (await room.fetch("?cf", { cf })).json());
  }
  expect(seen).toEqual([{ colo: "XXX" }, { colo: "XXX", greenroom: ANNA }]);
});

test("[W3] a room that is asked directly believes no cf that a development server made of a header", async () => {
  const init = { headers: { "MF-CF-Blob": FORGED }, cf: JSON.parse(FORGED) as object };
  const room = await testRoom(env.RawDoorRoom);
  const answer = await room.fetch("", init as RequestInit);
  expect(await answer.json()).toBe(null);
});

test("[W4] claims outlive sleep, and each member has its own", async () => {
  const room = await roomThrough("door");
  const anna = await speak(room, { token: tokenOf(ANNA) });
  const ben = await speak(room, { token: tokenOf(BEN) });
  await room.evict();
  anna.call(1, "who");
  ben.call(1, "who");
  expect((await anna.outcome(1)).answer).toMatchObject({ user: "u-anna", state: { of: "ANNA" } });
  expect((await ben.outcome(1)).answer).toMatchObject({ user: "u-ben", state: { of: "BEN" } });
});

test("[W4] a handler that outlasts its connection, and onLeave, still know who it was", async () => {
  const room = await roomThrough("door");
  const anna = await speak(room, { token: tokenOf(ANNA) });
  const ben = await speak(room, { token: tokenOf(BEN) });
  anna.message(1, "later", "bye");
  await vi.waitFor(() => room.run((instance) => expect(instance.release).toBeDefined()));
  anna.dialled.close(1000, "");
  expect(await ben.item("s")).toEqual(["s", "left", "ANNA u-anna"]);
  await room.run((instance) => instance.release?.());
  await ben.until(1);
  expect(ben.entries[0]?.entry[1]).toEqual({ by: "ANNA", text: "bye" });
});

test("[W4] a session that comes back as another user finds nothing of the first one's state", async () => {
  const room = await roomThrough("door");
  const session = sessionToken();
  await speak(room, { session, token: tokenOf(ANNA) });
  const other = await speak(room, { session, token: tokenOf({ sub: "u-anna-2", name: "mute" }) });
  await room.run((instance) => {
    expect(instance.member(other.id)?.user).toBe("u-anna-2");
    expect(instance.member(other.id)?.state).toEqual({ of: "MUTE" });
  });
});

test.each([
  ["none", {}],
  ["others than the contract's", { authenticate: () => ({ sub: "u-1" }) }],
] satisfies [string, Partial<RouteOptions>][])(
  "[W5] a request with claims that are %s is refused before the room starts",
  async (_what, options) => {
    const room = await roomThrough("door", options);
    const a = await room.open({ protocols: ["greenroom.1"] });
    expect((await a.closed()).code).toBe(4000);
    expect((await room.fetch()).status).toBe(403);
    expect(String(logged.mock.lastCall)).toContain(`DoorRoom/${room.name}: the claims failed`);
    await untouched(room);
  },
);

test("[W5] without a schema members have the claims as they came, or none", async () => {
  const with_ = await speak(await roomThrough("open"), { token: tokenOf({ any: [1] }) });
  with_.call(1, "who");
  expect((await with_.outcome(1)).answer).toEqual({ claims: { any: [1] }, user: null });
  const without = await speak(await roomThrough("open", {}));
  without.call(1, "who");
  expect((await without.outcome(1)).answer).toEqual({ claims: null, user: null });
});

test("[H2] a hello that cannot be read is turned away before the room starts", async () => {
  const room = await roomThrough("door");
  const protocols = ["greenroom.1", "greenroom.hello.e30"];
  const a = await room.open({ protocols, headers: bearer(ANNA) });
  expect((await a.closed()).code).toBe(4005);
  await untouched(room);
});

const SECRET = tokenOf({ ...ANNA, secret: "sesame" });

test.each([
  ["a subprotocol", "", {}, true],
  ["a bearer", "", { Authorization: `bearer ${SECRET}` }, false],
  ["a cookie", "", { Cookie: `a=1; session=${SECRET}; b=2` }, false],
  ["the URL", `?x=1&token=${encodeURIComponent(SECRET)}`, {}, false],
] as const)(
  "[W6] [A8] a token in %s is taken, and goes no further",
  async (_, query, headers, isOffered) => {
    const room = await roomThrough("door", {
      authenticate,
      token: { cookie: "session", query: "token" },
    });
    const session = `hush-${sessionToken()}`;
    const protocols = helloProtocols(
      { session, epoch: null, seq: null },
      isOffered ? SECRET : undefined,
    );
    const response = await room.fetch(query, {
      headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": protocols.join(", "), ...headers },
    });
    expect([...response.headers]).toEqual([["sec-websocket-protocol", "greenroom.1"]]);
    response.webSocket?.accept();
    await room.run((instance, ctx) => {
      const [seen = ""] = instance.seen;
      expect(seen).toContain(`https://room.test/rooms/door/${room.name}`);
      expect(seen).toContain("greenroom.1");
      if (query) expect(seen).toContain("x=1 ");
      if ("Cookie" in headers) expect(seen).toContain("a=1; b=2");
      const kept = ctx
        .getWebSockets()
        .map((socket) => JSON.stringify(WebSocket.prototype.deserializeAttachment.call(socket)));
      const stored = ctx.storage.sql
        .exec<{ name: string }>(
          "SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'",
        )
        .toArray()
        .flatMap(({ name: table }) => ctx.storage.sql.exec(`SELECT * FROM "${table}"`).toArray());
      for (const text of [seen, kept.join(), JSON.stringify(stored)]) {
        expect(text).not.toContain("sesame");
        expect(text).not.toContain(session);
        expect(text).not.toMatch(/greenroom\.(hello|auth)/);
      }
    });
  },
);

test("[W6] a cookie or the URL is looked at by option only", async () => {
  const room = await roomThrough("door");
  const inUrl = await room.fetch(`?token=${encodeURIComponent(SECRET)}`);
  expect(inUrl.status).toBe(401);
  const headers = { Cookie: `session=${SECRET}` };
  expect((await room.fetch("", { headers })).status).toBe(401);
});

test("[W6] no subprotocol with a secret is ever selected", async () => {
  const room = await roomThrough("door", {});
  for (const offer of ["greenroom.auth.c2VzYW1l", "greenroom.hello.e30", "greenroom.2"]) {
    const response = await room.fetch("", {
      headers: { Upgrade: "websocket", "Sec-WebSocket-Protocol": offer },
    });
    const chosen = response.headers.get("Sec-WebSocket-Protocol");
    expect(chosen).toBe(offer === "greenroom.2" ? offer : null);
    response.webSocket?.accept();
  }
});

test("[W7] [A7] cookies of a page of another origin reach nobody", async () => {
  const cookies: (string | null)[] = [];
  const look: RouteOptions["authenticate"] = (request, { token }) => {
    cookies.push(request.headers.get("Cookie"));
    return token === undefined ? refuse("nobody") : (JSON.parse(token) as Claims);
  };
  const byCookie = { authenticate: look, token: { cookie: "session" } };
  const from = (origin: string, more = {}): Record<string, string> => ({
    Origin: origin,
    Cookie: `session=${SECRET}`,
    ...more,
  });
  const status = async (
    options: Partial<RouteOptions>,
    headers: Record<string, string>,
  ): Promise<number> => {
    const room = await roomThrough("open", options);
    const a = await room.open({ headers });
    const http = await room.fetch("", { headers });
    if (http.status !== 404) return (await a.closed()).code; // refused: nobody got to the room
    a.close();
    return 101;
  };
  // Our own page, a program, and a page that we have named.
  expect(await status(byCookie, from("https://room.test"))).toBe(101);
  expect(await status(byCookie, { Cookie: `session=${SECRET}` })).toBe(101);
  const named = { ...byCookie, origins: ["https://app.example"] };
  expect(await status(named, from("https://app.example"))).toBe(101);
  const asked = { ...byCookie, origins: (origin: string) => origin.endsWith(".app.example") };
  expect(await status(asked, from("https://pr-7.app.example"))).toBe(101);
  // Another page: with the cookie alone, with a token of its own, and where there is a list.
  const before = cookies.length;
  for (const origin of [
    "https://evil.example",
    "null",
    "http://room.test",
    "https://room.test:444",
  ])
    expect(await status(byCookie, from(origin)), origin).toBe(4000);
  expect(cookies.length).toBe(before);
  expect(await status(byCookie, from("https://evil.example", bearer(ANNA)))).toBe(101);
  expect(await status({ authenticate: look }, from("https://evil.example"))).toBe(4000);
  expect(cookies.slice(before)).toEqual([null, null, null, null]);
  expect(await status(named, { Origin: "https://evil.example", ...bearer(ANNA) })).toBe(4000);
  expect(await status({ origins: [] }, { Origin: "https://evil.example" })).toBe(4000);
  // A link or an image of another page: a browser names no origin, and says where the page stands.
  const room = await roomThrough("open", byCookie);
  const linked = (site: string): Promise<Response> =>
    room.fetch("", { headers: { Cookie: `session=${SECRET}`, "Sec-Fetch-Site": site } });
  for (const site of ["cross-site", "same-site"]) expect((await linked(site)).status).toBe(403);
  for (const site of ["none", "same-origin"]) expect((await linked(site)).status).toBe(404);
  // And without authenticate the room itself sees none.
  const raw = await roomThrough("raw", {});
  await raw.open({ headers: from("https://evil.example") });
  await raw.run(({ seen }) => {
    expect(seen).toHaveLength(1);
    expect(seen.join()).not.toContain("sesame");
  });
});

test("[A6] a name that every object has is no kind of room", async () => {
  for (const kind of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    const request = new Request(`https://room.test/rooms/${kind}/x`, { headers: bearer(ANNA) });
    const answer = await workerOf().fetch(request);
    expect([answer.status, await answer.json()], kind).toEqual([404, { code: "not-found" }]);
  }
});

test("[W17] an onConnect that throws a refusal closes with it, and nothing is logged", async () => {
  const room = await roomThrough("door");
  const a = await room.open({
    protocols: ["greenroom.1"],
    headers: bearer({ sub: "u-0", name: "nobody" }),
  });
  expect(await a.closed()).toEqual({ code: 4000, reason: "refused: nobody is nobody" });
  const rawRoom = await roomThrough("raw");
  const raw = await rawRoom.open({ headers: bearer({ sub: "nobody" }) });
  expect(await raw.closed()).toEqual({ code: 4000, reason: "refused: nobody" });
  expect(logged).not.toHaveBeenCalled();
});

test("[W18] [S10] of a session's secret a room has only a hash, raw rooms too", async () => {
  const room = await roomThrough("raw");
  await room.open({ path: "?_pk=hush-hush&x=1", headers: bearer(ANNA) });
  await room.run(({ seen }, ctx) => {
    expect(seen.join()).toContain("?x=1 ");
    const [socket] = ctx.getWebSockets();
    const kept = JSON.stringify(WebSocket.prototype.deserializeAttachment.call(socket!));
    expect(kept).toContain("u-anna");
    for (const text of [seen.join(), kept, ctx.getTags(socket!).join()])
      expect(text).not.toContain("hush");
  });
});

test("[W9] authorize decides before the handler, and a refused message changes nothing", async () => {
  const room = await roomThrough("door");
  const anna = await speak(room, { token: tokenOf(ANNA) });
  anna.message(1, "say", "throw");
  expect((await anna.outcome(1)).fault).toEqual({ code: "refused", reason: "not that word" });
  anna.call(2, "write", "no");
  expect((await anna.outcome(2)).fault).toEqual({ code: "refused" });
  anna.call(3, "write", "yes");
  expect((await anna.outcome(3)).answer).toBe(3);
  const mute = await speak(room, { token: tokenOf({ sub: "u-m", name: "mute" }) });
  mute.message(1, "later", "x");
  expect((await mute.outcome(1)).fault).toEqual({ code: "refused" });
  // Not valid, so not asked about.
  mute.message(2, "say", 7);
  expect((await mute.outcome(2)).fault?.code).toBe("invalid");
  await room.run(({ lifecycle, log }) => {
    expect([lifecycle.messages, log.head]).toEqual([1, 0]);
  });
  expect(logged).not.toHaveBeenCalled();
});

test("[W10] a read-only member's messages are refused, its calls that read are not", async () => {
  const room = await roomThrough("door");
  const reader = await speak(room, { token: tokenOf({ ...ANNA, readOnly: true }) });
  reader.message(1, "say", "hello");
  const fault = { code: "refused", reason: "read-only" };
  expect((await reader.outcome(1)).fault).toEqual(fault);
  reader.call(2, "write", "yes");
  expect((await reader.outcome(2)).fault).toEqual(fault);
  reader.call(3, "who");
  expect((await reader.outcome(3)).answer).toMatchObject({ readOnly: true });
  const rawRoom = await roomThrough("raw");
  const raw = await rawRoom.open({ headers: bearer({ sub: "r", readOnly: true }) });
  await raw.next();
  raw.send("hello");
  expect(JSON.parse(await raw.next())).toEqual(fault);
  await rawRoom.run(({ lifecycle }) => {
    expect(lifecycle.messages).toBe(0);
  });
});
