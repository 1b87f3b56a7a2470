// Rules O1 to O3: what a client is told of an exception, wherever it comes from, and who is told more.
import { routeRooms } from "@greenroom/server";
import { type RawSocket, type TestRoom, testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";

import { sessionToken, speak } from "./speak.ts";

let logged: MockInstance<typeof console.error>;
beforeEach(() => {
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const rooms = {
  failing: env.FailingRoom,
  secretive: env.SecretiveRoom,
  unborn: env.UnbornRoom,
  hosts: env.SleeplessRoom,
};

/** The Worker, in production and in development. */
const worker = (development: boolean): { fetch(request: Request): Promise<Response> } => ({
  fetch: (request) => routeRooms(request, env, { rooms, development }),
});

type Kind = keyof typeof rooms;

/** A room behind the Worker: "secretive/a" by its kind and its name. */
function at(path: `${Kind}/${string}`, development = false): Promise<TestRoom<undefined>> {
  const [kind, name] = path.split("/") as [Kind, string];
  const namespace: DurableObjectNamespace = rooms[kind];
  return testRoom(namespace, { name, kind, through: worker(development) });
}

const LEAK = /secret|SELECT|SQLITE|\bat .*:\d+|\.ts\b|Error/;

/** Everything that a request over HTTP tells. */
async function answerOf(path: string, init?: RequestInit): Promise<string> {
  const request = new Request(`http://rooms.example/rooms/${path}`, init);
  const response = await worker(false).fetch(request);
  return JSON.stringify([response.status, [...response.headers], await response.text()]);
}

/** Everything that a connection tells, up to its end or to its answer. */
async function toldBy(
  path: `${Kind}/${string}`,
  protocols: string[],
  frames: string[],
): Promise<string> {
  const a = await (await at(path)).open({ protocols });
  for (const frame of frames) a.send(frame);
  const told = await Promise.race([a.closed(), frameWith(a, "failed").catch(() => a.closed())]);
  return JSON.stringify([told, a.waiting]);
}

async function frameWith(client: RawSocket, text: string): Promise<string> {
  for (;;) {
    const frame = await client.next();
    if (frame.includes(text)) return frame;
  }
}

const GREEN = ["greenroom.1"];

describe("[O1] [A1] a client is told a code and an id, and the log has the text under that id", () => {
  test.each<[what: string, told: () => Promise<string>]>([
    ["a handler", () => toldBy("secretive/a", GREEN, ['["m",1,"now","x"]'])],
    ["an asynchronous handler", () => toldBy("secretive/b", GREEN, ['["m",1,"later","x"]'])],
    ["SQL", () => toldBy("secretive/c", GREEN, ['["c",1,"sql"]'])],
    ["an answer that does not fit", () => toldBy("secretive/d", GREEN, ['["c",1,"wrong"]'])],
    ["a snapshot", () => toldBy("secretive/snapshot", GREEN, [])],
    ["a raw message", () => toldBy("failing/message", [], ["x"])],
    ["onConnect", () => toldBy("failing/connect", [], [])],
    ["tags", () => toldBy("failing/tags", [], [])],
    ["a start, over a WebSocket", () => toldBy("failing/start-1", [], [])],
    ["a start, over HTTP", () => answerOf("failing/start-2")],
    ["a class that is misused", () => answerOf("hosts/a")],
    ["a class that is misused, over a WebSocket", () => toldBy("hosts/b", [], [])],
    ["onRequest", () => answerOf("failing/request")],
    ["onRequest of a contract room", () => answerOf("secretive/e")],
    ["what is no response", () => answerOf("secretive/f", { method: "POST" })],
    ["a constructor, over HTTP", () => answerOf("unborn/a")],
    ["a constructor, over a WebSocket", () => toldBy("unborn/b", GREEN, [])],
  ])("from %s", async (_what, told) => {
    const text = await told();
    const id = /(?:"?id\\?"?:? ?\\?"?)(\w{8})\b/.exec(text)?.[1];
    expect(id, text).toBeDefined();
    expect(text).not.toMatch(LEAK);
    const lines = logged.mock.calls.map(([line]) => String(line));
    expect(lines.join("\n")).toContain(`(id ${id})`);
  });

  test("[N1] nor is there more of a name that cannot be", async () => {
    const answer = await answerOf("failing/%E0%A4%A");
    expect(answer).toContain('"{\\"code\\":\\"bad-name\\"}"');
    const a = await (await at("failing/x")).open({ path: "x".repeat(199) }); // the rest of its name
    expect(await a.closed()).toEqual({ code: 4004, reason: "not-found" });
    expect(logged).not.toHaveBeenCalled();
  });
});

test("[O2] every close with `failed` has the id in its reason", async () => {
  for (const path of ["failing/connect", "failing/tags", "failing/start-3", "unborn/c"] as const) {
    const a = await (await at(path)).open();
    const { code, reason } = await a.closed();
    expect(code).toBe(4200);
    const id = /^failed; retry after 1000 ms: id (\w{8})$/.exec(reason)?.[1];
    expect(String(logged.mock.lastCall?.[0])).toContain(`(id ${id})`);
  }
});

describe("[O3] the text of an exception", () => {
  const DEBUG = ["greenroom.debug"];

  test("is told to a page that asks, in development, beside code and id", async () => {
    const room = await at("secretive/asks", true);
    const a = await room.open({ protocols: [...GREEN, ...DEBUG] });
    a.send('["m",1,"now","one"]');
    const [, , fault] = (JSON.parse(await frameWith(a, "failed")) as unknown[][])[0] as [
      string,
      number,
      Record<string, string>,
    ];
    expect(fault).toEqual({
      code: "failed",
      id: expect.stringMatching(/^\w{8}$/),
      message: expect.stringMatching(/^Error: secret of one\n +at /),
    });
    a.send('["m",2,"later","two"]');
    expect(await frameWith(a, "failed")).toContain("secret of two");
    await room.evict();
    a.send('["m",3,"now","three"]');
    expect(await frameWith(a, "failed")).toContain("secret of three");
    const raw = await (await at("failing/asks", true)).open({ protocols: DEBUG });
    expect(await raw.next()).toBe("in");
    raw.send("x");
    expect(await raw.next()).toContain("secret message");
  });

  test.each([
    ["it is in production", { protocols: [...GREEN, ...DEBUG] }, false],
    ["nobody asked", { protocols: GREEN }, true],
    [
      "a client writes what only the Worker may",
      {
        protocols: [...GREEN, ...DEBUG],
        headers: { "MF-CF-Blob": '{"greenroomDebug":true}', "x-greenroom-debug": "1" },
      },
      false,
    ],
  ])("is not where %s", async (_why, options, development) => {
    const a = await (await at("secretive/silent", development)).open(options);
    a.send('["m",1,"now","x"]');
    expect(await frameWith(a, "failed")).not.toContain("secret");
  });

  test("is asked for over HTTP by a header", async () => {
    const ask = async (development: boolean, headers: Record<string, string>): Promise<string> =>
      (await (await at("failing/request", development)).fetch("", { headers })).text();
    expect(await ask(true, { "Greenroom-Debug": "1" })).toContain("secret request");
    expect(await ask(false, { "Greenroom-Debug": "1" })).not.toContain("secret");
    expect(await ask(true, {})).not.toContain("secret");
    const room = await at("failing/start-4", true);
    const start = await room.fetch("", { headers: { "Greenroom-Debug": "1" } });
    expect(await start.text()).toContain("secret start");
  });

  test("is not granted by a Worker that says nothing, except on the machine's own host", async () => {
    const headers = { "Greenroom-Debug": "1" };
    const ask = async (host: string): Promise<string> =>
      (
        await routeRooms(new Request(`http://${host}/rooms/failing/request`, { headers }), env, {
          rooms,
        })
      ).text();
    for (const host of ["localhost:8787", "127.0.0.1", "[::1]"])
      expect(await ask(host)).toContain("secret");
    for (const host of ["rooms.example", "localhost.example", "127.example"])
      expect(await ask(host)).not.toContain("secret");
  });

  test("is kept by no row, and not told again when the message is repeated", async () => {
    const session = sessionToken();
    const room = await testRoom(env.SecretiveRoom, { name: "kept" });
    const a = await speak(room, { session });
    a.message(1, "now", "x");
    await a.outcome(1);
    a.raw(["m", 1, "now", "x"]);
    await room.run((_room, { storage }) => {
      const tables = storage.sql
        .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name LIKE 'greenroom%'")
        .toArray();
      const rows = tables.flatMap(({ name }) =>
        storage.sql.exec(`SELECT * FROM ${name}`).toArray(),
      );
      expect(JSON.stringify(rows)).not.toContain("secret");
    });
    const b = await (
      await at("secretive/repeats", true)
    ).open({
      protocols: [...GREEN, ...DEBUG],
    });
    b.send('["m",1,"now","x"]');
    expect(await frameWith(b, "failed")).toContain("secret");
    b.send('["m",1,"now","x"]');
    expect(await frameWith(b, "failed")).not.toContain("secret");
  });
});
