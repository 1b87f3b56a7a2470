/** The server that is measured: one workerd, the workspace's own, with the bundled `worker.ts`. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

import { childOf, cpuSeconds } from "./machine.ts";
import type { Target } from "./target.ts";

const ROOT = join(import.meta.dirname, "..");
/** On the workspace's own disk, so that a commit costs what it costs there. */
const STATE = join(ROOT, "node_modules/.cache/bench");

/** A running workerd. */
export interface Server {
  /** For connections that reach the Worker without a detour. */
  readonly url: URL;
  /** Where its inspector listens; only when it was asked for. */
  readonly inspector: URL | undefined;
  /** Seconds of processor time that workerd has used; `undefined` where the system does not tell. */
  cpu(): number | undefined;
  stop(): Promise<void>;
}

/** Bundles the bench's Worker as a deploy would, and starts it. */
export async function startWorkerd(
  targets: readonly Target[],
  options: { readonly inspect?: boolean } = {},
): Promise<Server> {
  const { inspect = false } = options;
  const script = await bundle(inspect);
  mkdirSync(STATE, { recursive: true });
  const state = mkdtempSync(join(STATE, "run-"));
  const rooms = targets.flatMap(({ room }) => [room, `${room}Counted`]);
  const durableObjects = Object.fromEntries(
    rooms.map((className) => [className, { className, useSQLite: true }]),
  );
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
    }),
  );
  await miniflare.ready;
  const pid = childOf(process.pid, "workerd");
  return {
    url: await miniflare.unsafeGetDirectURL(),
    inspector: inspect ? await miniflare.getInspectorURL() : undefined,
    cpu: () => (pid === undefined ? undefined : cpuSeconds(pid)),
    async stop() {
      await miniflare.dispose();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

async function bundle(readable: boolean): Promise<string> {
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
