// The client inside a Worker, in real workerd, with and without Node's globals: partysocket copies
// events in another way in each. It talks to a server on a real port.
import { encodeItem, encodeRoomFrame, parseOffer, PING, PONG } from "@greenroom/protocol";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { WELCOME } from "./fake-server.ts";
import { listen, ServerSocket } from "./socket-server.ts";

const WORKER = `
  import { connect, contract } from "./packages/client/src/index.ts";
  const any = { "~standard": { version: 1, vendor: "any", validate: (value) => ({ value }) } };
  const chat = contract({ name: "chat", messages: { say: any }, events: { said: any } });
  export default {
    async fetch(request) {
      const host = new URL(request.url).searchParams.get("host");
      const told = [];
      const room = connect(chat, { host, room: "a b", token: async () => "secret" });
      room.watch("status", ({ state, reason, code }) => told.push([state, reason, code]));
      room.on("said", (value, { seq }) => told.push(["said", value, seq]));
      await room.send("say", "first");
      await room.send("say", "break");
      await room.send("say", "end").catch(({ code }) => told.push(["rejected", code]));
      return Response.json(told);
    },
  };
`;

let script: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: `${import.meta.dirname}/../../..`, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd"],
  });
  script = outputFiles[0]?.text ?? "";
});

/** Welcomes, publishes and takes what is said, breaks the connection once, and ends it with a code. */
async function room(): Promise<Awaited<ReturnType<typeof listen>> & { offers: unknown[] }> {
  const offers: unknown[] = [];
  let seq = 0;
  let broken = false;
  const port = await listen((stream, request) => {
    const socket = new ServerSocket(stream, request);
    const { hello, token } = parseOffer(socket.protocols);
    offers.push([request.url, hello?.epoch, hello?.seq, token]);
    socket.text(encodeRoomFrame([encodeItem(["w", { ...WELCOME, epoch: "E", seq, head: seq }])]));
    socket.onText = (text) => {
      if (text === PING) return socket.text(PONG);
      const [, n, , value] = JSON.parse(text) as [string, number, string, string];
      if (value === "end") return socket.close(4003, "kicked");
      if (value === "break" && !broken) {
        broken = true;
        return socket.vanish();
      }
      const items = [encodeItem(["e", ++seq, ["said", value, 5]]), encodeItem(["a", n])];
      return socket.text(encodeRoomFrame(items));
    };
  });
  return { ...port, offers };
}

describe.each([[[]], [["nodejs_compat"]]])(
  "in a Worker with the flags %j",
  (compatibilityFlags) => {
    let worker: Miniflare;

    beforeAll(() => {
      worker = new Miniflare(
        convertV4MiniflareOptions({
          cf: false,
          telemetry: { enabled: false },
          modules: true,
          script,
          compatibilityDate: "2026-08-01",
          compatibilityFlags,
        }),
      );
    });

    afterAll(() => worker.dispose());

    test("[D1] [D9] [D12] [C1] joins, comes back, sends again, and is sent away", async () => {
      const server = await room();
      try {
        const { host } = new URL(server.url);
        const response = await worker.dispatchFetch(`http://worker/?host=${host}`);
        expect(await response.json()).toEqual([
          ["connected", null, null],
          ["said", "first", 1],
          ["reconnecting", null, null],
          ["connected", null, null],
          ["said", "break", 2],
          ["closed", "kicked", 4003],
          ["rejected", "closed"],
        ]);
        expect(server.offers).toEqual([
          ["/rooms/chat/a%20b", null, null, "secret"],
          ["/rooms/chat/a%20b", "E", 1, "secret"],
        ]);
      } finally {
        await server.stop();
      }
    });
  },
);
