// Hostile input over real sockets: a clear error or close code, no stack, no crash, nothing stored.
import { request } from "node:http";

import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHarness, type TestHarness } from "wrangler";

const classes = ["Raw", "Typed"];
const config = {
  name: "hostile",
  main: "hostile-worker.ts",
  compatibility_date: "2026-11-17",
  durable_objects: { bindings: classes.map((name) => ({ name, class_name: name })) },
  migrations: [{ tag: "v1", new_sqlite_classes: classes }],
};

let server: TestHarness;
let address: URL;

beforeAll(async () => {
  server = createTestHarness({ root: import.meta.dirname, workers: [{ config }] });
  ({ url: address } = await server.listen());
});
afterAll(() => server.close());

/** What came of one connection. */
interface Outcome {
  readonly frames: string[];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  next(): Promise<string>;
}

async function open(path: string, protocols: string[] = []): Promise<Outcome> {
  const url = new URL(path, address);
  url.protocol = "ws:";
  const socket = new WebSocket(url.href, protocols);
  const frames: string[] = [];
  let wake: () => void = () => undefined;
  socket.addEventListener("message", ({ data }) => {
    frames.push(String(data));
    wake();
  });
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () =>
      reject(new Error(`no handshake at ${path.slice(0, 80)}`)),
    );
  });
  let taken = 0;
  const next = async (): Promise<string> => {
    while (frames.length === taken) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return frames[taken++] as string;
  };
  return { frames, closed, socket, next };
}

/** The room still works for an honest client. */
async function works(kind: "raw" | "typed", name: string): Promise<void> {
  const honest = await open(`/rooms/${kind}/${name}`);
  honest.socket.send(kind === "raw" ? "hello" : '["m",1,"say","hello"]');
  if (kind === "typed") expect(await honest.next()).toMatch(/^\[\["w"/);
  expect(await honest.next()).toContain(kind === "raw" ? "string" : "hello");
  honest.socket.close();
  await honest.closed;
}

const isLeak = (text: string): boolean =>
  /\bat .*:\d+|\/packages\/|\.ts\b|SQLITE|Error:/.test(text);

test("[L7] [A32] a message of 33 MiB closes its connection with a code, and the room goes on", async () => {
  // Both at once: workerd takes ten seconds to tell the client.
  const attacks = (["raw", "typed"] as const).map(async (kind) => {
    const attacker = await open(`/rooms/${kind}/huge`);
    attacker.socket.send("x".repeat(33 * 1_048_576 + 1));
    expect(await attacker.closed).toBe(1009);
    await works(kind, "huge");
  });
  await Promise.all(attacks);
});

test("[F6] garbage in frames is answered without a word of ours, and the connection goes on", async () => {
  const attacker = await open("/rooms/typed/garbage");
  await attacker.next();
  const garbage = [
    "",
    "\u0000",
    "[[[[",
    '["m",1,"__proto__",{}]',
    '["m",2,"constructor",1]',
    `["m",${"9".repeat(400)},"say","x"]`,
    "[".repeat(60_000),
  ];
  for (const text of garbage) attacker.socket.send(text);
  attacker.socket.send(new Uint8Array(100));
  attacker.socket.send('["m",3,"say","still here"]');
  let seen = "";
  while (!seen.includes("still here")) seen += await attacker.next();
  expect(isLeak(seen)).toBe(false);
  expect(seen.match(/malformed/g)?.length).toBe(6);
  expect(seen.match(/"unknown"/g)?.length).toBe(2);
});

test("[H2] [A3] handshakes of strangers: ids, hellos and versions that cannot be", async () => {
  const long = await open(`/rooms/raw/ids?_pk=${"x".repeat(300)}`);
  long.socket.send("x");
  expect(await long.next()).toBe("string 1");
  for (const protocols of [
    ["greenroom.2"],
    ["greenroom.1", `greenroom.hello.${"A".repeat(3_000)}`],
    ["greenroom.1", "greenroom.hello."],
  ]) {
    const stranger = await open("/rooms/typed/ids", protocols);
    expect(await stranger.closed).toBe(4005);
    expect(stranger.frames).toEqual([]);
  }
});

test("[R8] [A6] [A1] [A2] requests of strangers: unknown rooms, props, odd methods and paths", async () => {
  const ask = async (path: string, init: RequestInit = {}): Promise<[number, string]> => {
    const response = await fetch(new URL(path, address).href, init);
    return [response.status, await response.text()];
  };
  expect(await ask("/rooms/constructor/x")).toEqual([404, '{"code":"not-found"}']);
  expect(await ask("/parties/raw/x")).toEqual([404, '{"code":"not-found"}']);
  expect(await ask("/rooms/raw/%E0%A4%A")).toEqual([400, '{"code":"bad-name"}']);
  expect(await ask("/rooms/raw/x", { headers: { "x-partykit-props": "{{{" } })).toEqual([
    404,
    '{"code":"not-found"}',
  ]);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const [status, text] = await ask("/rooms/raw/x", { method });
    expect([status, isLeak(text)]).toEqual([404, false]);
  }
  const unknown = await open("/rooms/nope/x", ["greenroom.1"]);
  expect(await unknown.closed).toBe(4004);
});

test("[R6] [A22] none of it has stored anything in a room that only strangers visited", async () => {
  const worker = server.getWorker();
  for (const kind of ["raw", "typed"]) {
    const name = `visited by ${kind}`;
    await (await fetch(new URL(`/rooms/${kind}/${encodeURIComponent(name)}`, address))).text();
    const stranger = await open(`/rooms/${kind}/${encodeURIComponent(name)}`);
    stranger.socket.send(kind === "typed" ? '["m",1,"say",{"not":"a string"}]' : "");
    if (kind === "typed") while (!(await stranger.next()).includes("invalid"));
    stranger.socket.close();
    await stranger.closed;
    const storage = await worker.getDurableObjectStorage(kind === "raw" ? "Raw" : "Typed", {
      name,
    });
    const tables = await storage.exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE name LIKE 'greenroom%'",
    );
    // A raw room takes whatever comes, and counts it; a contract room has refused it.
    expect(tables.map((table) => table.name)).toEqual(kind === "raw" ? ["greenroom_ledger"] : []);
  }
});

test("[A28] an Upgrade header in capitals is an upgrade", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asking = request(new URL("/rooms/raw/capitals", address).href, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "WebSocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
      },
    });
    asking.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    asking.on("response", (response) => resolve(response.statusCode));
    asking.on("error", reject);
    asking.end();
  });
  expect(status).toBe(101);
});
