// What the packages add to a bundle, minified and gzipped, beyond partyserver and partysocket.
// Prints a table (`--json` for machines) and fails when a size is over its limit; `--parts` prints
// what each part of a room adds to a Worker.
import { parseArgs } from "node:util";

import { bundle, zipped } from "./bundle.ts";
import { partSizes, WORKER } from "./parts.ts";

/**
 * One bundle of a user's import: `limit` is in bytes of gzip. `beyond` is a bundle whose size is
 * taken off: the server's is told with the protocol, and beyond it.
 */
export type Bundle = { name: string; code: string; limit: number; beyond?: string };

const KB = 1024;

export const BUNDLES: Bundle[] = [
  { name: "client, all", code: `export * from "@greenroom/client"`, limit: 8.5 * KB },
  imported("client", "connect", 8 * KB),
  {
    name: "client/presence, beyond connect",
    code: `export { connect } from "@greenroom/client"; export { presence } from "@greenroom/client/presence"`,
    beyond: `export { connect } from "@greenroom/client"`,
    limit: 2.5 * KB,
  },
  imported("client", "contract", 1.5 * KB),
  {
    name: "react, beyond the client's connect",
    code: `export * from "@greenroom/react"`,
    beyond: `export { connect, RoomError } from "@greenroom/client"`,
    limit: 3 * KB,
  },
  {
    name: "server, beyond the protocol",
    code: `export * from "@greenroom/server"`,
    beyond: `export * from "@greenroom/protocol"`,
    limit: 29.1 * KB,
  },
  {
    name: "client/pages, beyond connect",
    code: `export { connect } from "@greenroom/client"; export { pages } from "@greenroom/client/pages"`,
    beyond: `export { connect } from "@greenroom/client"`,
    limit: 1 * KB,
  },
  {
    name: "server/pages, beyond server",
    code: `export * from "@greenroom/server"; export { pages } from "@greenroom/server/pages"`,
    beyond: `export * from "@greenroom/server"`,
    limit: 1 * KB,
  },
  {
    name: "server/presence, beyond server",
    code: `export * from "@greenroom/server"; export { presence } from "@greenroom/server/presence"`,
    beyond: `export * from "@greenroom/server"`,
    limit: 3 * KB,
  },
  {
    name: "server/logs, beyond server",
    code: `export * from "@greenroom/server"; export { logs } from "@greenroom/server/logs"`,
    beyond: `export * from "@greenroom/server"`,
    limit: 1 * KB,
  },
  { name: "server, what a Worker imports", code: WORKER, limit: 35.2 * KB },
  { name: "server, all", code: `export * from "@greenroom/server"`, limit: 35.45 * KB },
  imported("server", "withRoomLifecycle", 13.5 * KB),
  imported("server", "RoomServer", 10.85 * KB),
  imported("server", "routeRooms", 5.25 * KB),
  { name: "protocol, all", code: `export * from "@greenroom/protocol"`, limit: 6.75 * KB },
];

/** What one import costs, after tree-shaking. */
function imported(folder: string, name: string, limit: number): Bundle {
  const code = `export { ${name} } from "@greenroom/${folder}"`;
  return { name: `${folder}, { ${name} }`, code, limit };
}

/** A row of a table, in bytes. */
type Row = { name: string; minified: number; gzip: number; limit?: number };

export type Size = Row & { limit: number };

export async function measure({ name, code, limit, beyond }: Bundle): Promise<Size> {
  const [whole, part] = await Promise.all([bundled(code), beyond ? bundled(beyond) : undefined]);
  return {
    name,
    minified: whole.minified - (part?.minified ?? 0),
    gzip: whole.gzip - (part?.gzip ?? 0),
    limit,
  };
}

async function bundled(code: string): Promise<{ minified: number; gzip: number }> {
  const { text } = await bundle(code);
  return { minified: Buffer.byteLength(text), gzip: zipped(text) };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { json: { type: "boolean" }, parts: { type: "boolean" } },
  });
  const sizes: Row[] = values.parts ? await partSizes() : await Promise.all(BUNDLES.map(measure));
  if (values.json) console.log(JSON.stringify(sizes, null, 2));
  else printTable(values.parts ? WORKER : "beyond partyserver and partysocket", sizes);
  const over = sizes.filter(({ gzip, limit = Infinity }) => gzip > limit);
  for (const { name, gzip, limit = 0 } of over) {
    console.error(`${name}: ${kilobytes(gzip)} of gzip, over the limit of ${kilobytes(limit)}`);
  }
  if (over.length > 0) process.exit(1);
}

function printTable(title: string, rows: readonly Row[]): void {
  const hasLimits = rows.some(({ limit }) => limit !== undefined);
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length));
  const heads = ["minified", "gzip", ...(hasLimits ? ["limit"] : [])];
  console.log(title.padEnd(width) + heads.map((head) => head.padStart(11)).join(""));
  for (const { name, minified, gzip, limit } of rows) {
    const sizes = limit === undefined ? [minified, gzip] : [minified, gzip, limit];
    console.log(name.padEnd(width) + sizes.map((size) => kilobytes(size).padStart(11)).join(""));
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / KB).toFixed(2)} KB`;
}
