// Rules N and R8 in real workerd: the way from a Worker's request to a room.
import { roomPath } from "@greenroom/protocol";
import { routeRooms, type RouteOptions } from "@greenroom/server";
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

const rooms = { echo: env.EchoRoom, chat: env.ChatRoom };

function ask(
  url: string,
  init: RequestInit = {},
  options: Partial<RouteOptions> = {},
): Promise<Response> {
  return routeRooms(new Request(url, init), env, { rooms, ...options });
}

test("[N2] [A24] [B11] a name arrives as it was written, however it must be encoded", async () => {
  for (const name of [
    "lobby",
    "my room",
    "a?b",
    "a/b",
    "../x",
    "ä ö ü",
    "100%",
    "日本",
    "a#b",
    "%2F",
    "...",
    "a+b",
  ]) {
    const answer = await ask(`http://example.com${roomPath("echo", name)}`);
    expect(await answer.json(), name).toMatchObject({ name });
    // The same object as by its name.
    const direct = await (await testRoom(env.EchoRoom, { name })).fetch();
    expect(await direct.json()).toMatchObject({ name, starts: 1 });
  }
});

test("[N1] [N2] a name that cannot be is a 400 with a code", async () => {
  for (const path of [
    "/rooms/echo/%zz",
    "/rooms/echo/%ff",
    "/rooms/echo/",
    `/rooms/echo/${"x".repeat(129)}`,
  ]) {
    const answer = await ask(`http://example.com${path}`);
    expect([answer.status, await answer.json()], path).toEqual([400, { code: "bad-name" }]);
  }
});

test("[R8] [N3] [A6] [A26] what is not a room is a JSON 404, and names like constructor are no exception", async () => {
  for (const path of [
    "/",
    "/rooms",
    "/rooms/",
    "/rooms/echo",
    "/rooms/echo/a/b",
    "/rooms/constructor/x",
    "/rooms/__proto__/x",
    "/rooms/nope/x",
    "/parties/echo/x",
  ]) {
    const answer = await ask(`http://example.com${path}`);
    expect([answer.status, await answer.json()], path).toEqual([404, { code: "not-found" }]);
  }
});

test("[R8] in development the 404 lists the rooms", async () => {
  const expected = {
    code: "not-found",
    path: "/x",
    rooms: ["/rooms/echo/<name>", "/rooms/chat/<name>"],
  };
  expect(await (await ask("http://localhost:8787/x")).json()).toEqual(expected);
  expect(await (await ask("http://example.com/x", {}, { development: true })).json()).toEqual(
    expected,
  );
  expect(await (await ask("http://localhost/x", {}, { development: false })).json()).toEqual({
    code: "not-found",
  });
});

test("[R8] a WebSocket to what is not a room is closed with a code that a browser can see", async () => {
  const through = { fetch: (request: Request) => routeRooms(request, env, { rooms }) };
  const nowhere = await testRoom(env.EchoRoom, { kind: "nope", through });
  const a = await nowhere.open({ protocols: ["greenroom.1"] });
  expect(await a.closed()).toEqual({ code: 4004, reason: "not-found" });
});

test("[A2] headers that would tell partyserver what to do are taken out", async () => {
  const seen: string[] = [];
  const spy = {
    getByName: () => ({
      fetch: (request: Request) => {
        seen.push(...request.headers.keys());
        return Promise.resolve(new Response("ok"));
      },
    }),
  };
  const headers = {
    "x-partykit-props": "{}",
    "X-PartyKit-Room": "x",
    "x-greenroom-claims": "root",
    "x-mine": "1",
  };
  await ask("http://example.com/rooms/spy/x", { headers }, { rooms: { spy } });
  expect(seen).toEqual(["x-mine"]);
});

test("[A25] a prefix with slashes at its ends is refused, and one that fits is used", async () => {
  await expect(ask("http://example.com/party/echo/x", {}, { prefix: "/party" })).rejects.toThrow(
    'prefix is "/party"',
  );
  const answer = await ask("http://example.com/api/party/echo/x", {}, { prefix: "api/party" });
  expect(await answer.json()).toMatchObject({ name: "x" });
});

test("[A7] CORS answers the origins that it was given and no other", async () => {
  const url = "http://example.com/rooms/echo/cors";
  const from = (origin: string): RequestInit => ({ headers: { Origin: origin } });
  const cors = { origins: ["https://good.example"], credentials: true };
  const good = await ask(url, from("https://good.example"), { cors });
  expect(good.headers.get("Access-Control-Allow-Origin")).toBe("https://good.example");
  expect(good.headers.get("Access-Control-Allow-Credentials")).toBe("true");
  expect(good.headers.get("Vary")).toContain("Origin");
  await good.text();
  for (const options of [{ cors }, {}]) {
    const bad = await ask(url, from("https://bad.example"), options);
    expect(bad.headers.get("Access-Control-Allow-Origin")).toBe(null);
    await bad.text();
  }
  for (const init of [from("https://bad.example"), {}]) {
    const other = await ask(url, init, { cors });
    expect(other.headers.get("Vary")).toContain("Origin");
    await other.text();
  }
  const preflight = await ask(
    url,
    { method: "OPTIONS", ...from("https://good.example") },
    { cors },
  );
  expect([preflight.status, preflight.headers.get("Access-Control-Allow-Methods")]).toEqual([
    204,
    expect.stringContaining("POST"),
  ]);
  const any = await ask(url, from("https://any.example"), { cors: true });
  expect(any.headers.get("Access-Control-Allow-Origin")).toBe("*");
  await any.text();
});

test("[R6] [R8] [A22] requests that are refused touch no object", async () => {
  await (await ask("http://example.com/rooms/nope/untouched")).text();
  const untouched = await testRoom(env.EchoRoom, { name: "untouched" });
  await untouched.run((_room, state) => {
    expect(state.storage.sql.databaseSize).toBe(4_096);
  });
});
