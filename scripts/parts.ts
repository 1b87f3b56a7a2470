// What each part of a room costs in a user's Worker: how much smaller, in gzip, the bundle is without
// the code of that part's files. The code that calls a part stays, so this is the least of it.
import { SourceMap } from "node:module";

import { bundle, zipped } from "./bundle.ts";

/** What a Worker imports that has a room with a contract, and reaches it. */
export const WORKER = `export { contract, Room, routeRooms } from "@greenroom/server"`;

/** A part: its files in `packages/server/src`, or in the protocol's, and whether delivery could do without. */
interface Part {
  readonly name: string;
  readonly files: string;
  readonly isOptional?: true;
}

const DEADLINE = "deadline and the one alarm";

const PARTS: readonly Part[] = [
  {
    name: "delivery",
    files:
      "delivery gathering requests turns burst fan-out jobs intake admission told size commits scope handler-time savepoints welcome sessions protocol/frames protocol/mark protocol/resume",
  },
  { name: "log", files: "log log-rows log-options log-view segments kept-marks tables" },
  {
    name: "contract",
    files:
      "contract-room assemble contract-driver handlers member questions members thenable protocol/contract",
  },
  {
    name: "connections",
    files:
      "room room-server inside accept let-in connection headcount party start-failed report checks protocol/hello protocol/close",
  },
  {
    name: DEADLINE,
    files:
      "lifecycle lifecycle-mixin ledger lifecycle-options lifecycle-view deadline alarm transactions plain-performer schedule ringing patience storage-guard",
  },
  { name: "routing", files: "route protocol/name" },
  { name: "errors and their texts", files: "protocol/errors protocol/misuse" },
  { name: "timers", files: "timers timer-when timer-table own-timers", isOptional: true },
  {
    name: "doors",
    files: "authenticate claims carried secrets doors access sweep",
    isOptional: true,
  },
  {
    name: "limits",
    files: "limits rates rate-bucket away breath pace latest lagging",
    isOptional: true,
  },
  { name: "the bill", files: "meter meter-values bill-keeper", isOptional: true },
  { name: "raw rooms", files: "raw-driver", isOptional: true },
  { name: "migrations", files: "migrations", isOptional: true },
  { name: "observability", files: "observe details", isOptional: true },
  { name: "told by a Worker", files: "from-worker get-room", isOptional: true },
];

/** What a part, or what is left without parts, has in bytes. */
export interface PartSize {
  readonly name: string;
  readonly minified: number;
  readonly gzip: number;
}

/** What each part costs, what is left without those that delivery could do without, and all together. */
export async function partSizes(): Promise<PartSize[]> {
  const { text, map } = await bundle(WORKER, true);
  const pieces = piecesOf(text, map ?? "");
  const sizeWithout = (name: string, isOut: (file: string) => boolean): PartSize => {
    const kept = pieces.flatMap(([file, piece]) => (isOut(file) ? [] : [piece])).join("");
    return { name, minified: kept.length, gzip: zipped(kept) };
  };
  const whole = sizeWithout("all", () => false);
  const known = new Set(PARTS.flatMap(({ files }) => files.split(" ")));
  const others = new Set(
    pieces.map(([file]) => file).filter((file) => file !== "" && !known.has(file)),
  );
  const unnamed = { name: `other: ${[...others].join(" ")}`, files: [...others].join(" ") };
  const sizes = [...PARTS, ...(others.size > 0 ? [unnamed] : [])].map(({ name, files }) => {
    const out = new Set(files.split(" "));
    const { minified, gzip } = sizeWithout(name, (file) => out.has(file));
    return { name, minified: whole.minified - minified, gzip: whole.gzip - gzip };
  });
  const without = (left: string, isOut: (part: Part) => boolean): PartSize => {
    const out = new Set(PARTS.filter(isOut).flatMap(({ files }) => files.split(" ")));
    return sizeWithout(left, (file) => out.has(file));
  };
  const few = without("left without the last eight", ({ isOptional }) => isOptional === true);
  const bare = without(
    "left without those and the deadline",
    ({ name, isOptional }) => isOptional === true || name === DEADLINE,
  );
  return [...sizes, few, bare, whole];
}

/** The characters of a bundle, each with the file that it comes from. */
function piecesOf(text: string, json: string): (readonly [file: string, piece: string])[] {
  // SAFETY: what esbuild writes is a source map.
  const map = new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0]);
  return text.split("\n").flatMap((line, number) =>
    Array.from({ length: line.length + 1 }, (_, column) => {
      const entry = map.findEntry(number, column);
      const file = "originalSource" in entry ? nameOf(entry.originalSource) : "";
      return [file, line[column] ?? "\n"] as const;
    }),
  );
}

/** `turns` for a file of the server, `protocol/frames` for one of the protocol. */
function nameOf(path: string): string {
  const [, folder, file] = /packages\/([a-z]+)\/src\/([\w-]+)\.ts$/.exec(path) ?? [];
  return folder === undefined ? "" : folder === "server" ? (file ?? "") : `${folder}/${file}`;
}
