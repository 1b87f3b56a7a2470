/** A server that is measured: a workerd, the workspace's own, with the bundled `worker.ts`. */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

import { killedAtEnd, temporary } from "./leftovers.ts";
import { childrenOf } from "./machine.ts";
import type { Server } from "./server.ts";

const ROOT = join(import.meta.dirname, "..");
/** On the workspace's own disk, so that a commit costs what it costs there. */
export const STATE: string = join(ROOT, "node_modules/.cache/bench");

/** A running workerd. */
export interface Workerd extends Server {
  /** Where its inspector listens; only when it was asked for. */
  readonly inspector: URL | undefined;
  /** Puts a room to sleep, as the platform does; its sockets stay. */
  sleep(room: string, name: string): Promise<void>;
}

/** How it is started. */
export interface WorkerdOptions {
  /** With its inspector, and a Worker that can be read. */
  readonly inspect?: boolean;
  /** A folder whose storage is there already, and stays. */
  readonly kept?: string;
  /** What V8 otherwise compiles when it is first called is compiled with the script. */
  readonly compilesAhead?: boolean;
}

/** Where Miniflare reads the flags of V8. */
const V8_FLAGS = "MINIFLARE_WORKERD_V8_FLAGS";
/** V8 has a cache of the platform's own scripts, which was made without the flag, and says so. */
const FLAG_NOTICE = "NOSENTRY per-isolate bootstrap compile cache";

/** Bundles the bench's Worker as a deploy would, and starts it. */
export async function startWorkerd(options: WorkerdOptions = {}): Promise<Workerd> {
  const { inspect = false, kept, compilesAhead = false } = options;
  const script = await bundle(inspect);
  // Loaded where a server is started: it is large, and most wrong command lines need none.
  const { convertV4MiniflareOptions, Miniflare } = await import("miniflare");
  mkdirSync(STATE, { recursive: true });
  const state = kept ?? mkdtempSync(join(STATE, "run-"));
  const remove = kept === undefined ? temporary(state) : () => undefined;
  const durableObjects = Object.fromEntries(
    classesOf(script).map((className) => [className, { className, useSQLite: true }]),
  );
  const before = childrenOf(process.pid, "workerd");
  const flags = process.env[V8_FLAGS];
  if (compilesAhead) process.env[V8_FLAGS] = `${flags ?? ""} --no-lazy`.trim();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: "bench",
      modules: true,
      script,
      compatibilityDate: "2026-11-17",
      compatibilityFlags: ["nodejs_als"],
      durableObjects,
      resourcePersistencePath: state,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      cf: false,
      telemetry: { enabled: false },
      ...(inspect && { inspectorPort: 0 }),
      ...(compilesAhead && {
        handleStructuredLogs: ({ message }: { message: string }) => {
          if (!message.startsWith(FLAG_NOTICE)) console.error(message);
        },
      }),
    }),
  );
  try {
    await miniflare.ready;
  } finally {
    if (flags === undefined) delete process.env[V8_FLAGS];
    else process.env[V8_FLAGS] = flags;
  }
  const pid = childrenOf(process.pid, "workerd").find((child) => !before.includes(child));
  const forget = killedAtEnd(pid);
  return {
    pid,
    url: await miniflare.unsafeGetDirectURL(),
    inspector: inspect ? await miniflare.getInspectorURL() : undefined,
    sleep: (room, name) =>
      miniflare.unsafeEvictDurableObject("bench", room, { name, webSockets: "hibernate" }),
    async stop() {
      await miniflare.dispose();
      forget();
      remove();
    },
  };
}

/** The rooms that the Worker exports, all of them: `export{a as Raw,b as Party,c as default}`. */
function classesOf(script: string): string[] {
  const exported = [...script.matchAll(/export\s*\{([^}]*)\}/g)].at(-1);
  return (exported?.[1] ?? "")
    .split(",")
    .map((each) =>
      each
        .trim()
        .split(/\s+as\s+/)
        .at(-1)!,
    )
    .filter((name) => name !== "default" && name !== "");
}

const bundles = new Map<boolean, Promise<string>>();

/** The Worker's text, made once. */
function bundle(readable: boolean): Promise<string> {
  const text = bundles.get(readable) ?? bundled(readable);
  bundles.set(readable, text);
  return text;
}

async function bundled(readable: boolean): Promise<string> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "worker.ts")],
    bundle: true,
    minify: !readable,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
  });
  return outputFiles[0]!.text;
}
