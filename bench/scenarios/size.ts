/**
 * What a bundle weighs, minified and gzipped, with everything that it carries: a Worker with one room,
 * a page that connects to it, and single imports of Greenroom after tree-shaking.
 */
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import type { Sample } from "../results.ts";
import type { Scenario } from "../scenario.ts";

type Bundle = readonly [target: string, what: string, code: string];

const CONTRACT = `import { contract } from "@greenroom/client"; export const chat = contract({ name: "chat" });`;

const BUNDLES: readonly Bundle[] = [
  ["raw", "a Worker with a room", `export { Raw } from "./rooms/raw.ts";`],
  ["partyserver", "a Worker with a room", `export { Party } from "./rooms/party.ts";`],
  [
    "greenroom-raw",
    "a Worker with a room",
    `import { Room } from "@greenroom/server"; export class Raw extends Room {}`,
  ],
  [
    "greenroom",
    "a Worker with a room",
    `import { contract, Room } from "@greenroom/server";
     export class Chat extends Room.of(contract({ name: "chat" })) { handlers = this.handle({}); }`,
  ],
  ["partyserver", "a client", `export { PartySocket } from "partysocket";`],
  ["greenroom", "a client", `${CONTRACT} export { connect } from "@greenroom/client";`],
  ["socket.io", "a client", `export { io } from "socket.io-client";`],
  ["colyseus", "a client", `export { Client } from "@colyseus/sdk";`],
  ["greenroom", "client { connect }", `export { connect } from "@greenroom/client";`],
  ["greenroom", "client { contract }", `export { contract } from "@greenroom/client";`],
  ["greenroom", "client, all", `export * from "@greenroom/client";`],
  ["greenroom", "server { Room }", `export { Room } from "@greenroom/server";`],
  ["greenroom", "server { RoomServer }", `export { RoomServer } from "@greenroom/server";`],
  [
    "greenroom",
    "server { withRoomLifecycle }",
    `export { withRoomLifecycle } from "@greenroom/server";`,
  ],
  ["greenroom", "server { routeRooms }", `export { routeRooms } from "@greenroom/server";`],
  ["greenroom", "server, all", `export * from "@greenroom/server";`],
];

export const scenario: Scenario = {
  name: "size",
  about: "bundles, minified and gzipped: a Worker with a room, a client, single imports",
  reps: 1,
  baseline: "partyserver",
  async run({ targets, progress }) {
    const names = new Set(targets.map(({ name }) => name));
    const samples: Sample[] = [];
    for (const [target, what, code] of BUNDLES) {
      if (!names.has(target)) continue;
      progress(`size: ${target}, ${what}`);
      const { minified, gzip } = await weigh(code, what.includes("client") ? "browser" : "worker");
      samples.push({ target, metric: `${what}: minified`, unit: "KB", value: minified / 1_024 });
      samples.push({ target, metric: `${what}: gzip`, unit: "KB", value: gzip / 1_024 });
    }
    return samples;
  },
};

async function weigh(
  contents: string,
  runs: "browser" | "worker",
): Promise<{ readonly minified: number; readonly gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: new URL("..", import.meta.url).pathname, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: runs === "worker" ? ["workerd", "worker", "browser"] : ["browser"],
    platform: runs === "worker" ? "neutral" : "browser",
    mainFields: ["browser", "module", "main"],
    define: { "process.env.NODE_ENV": '"production"' },
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
  });
  const { contents: bytes } = outputFiles[0]!;
  return { minified: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}
