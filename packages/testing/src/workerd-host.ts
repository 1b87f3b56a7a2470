/**
 * What the user's own wrangler brings: the bundle as a deploy makes it, and Miniflare, which runs
 * it in workerd. Nothing of it is imported by name: the versions are those of the user's project.
 */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** The part of Miniflare that is used. */
export interface Miniflare {
  readonly ready: Promise<unknown>;
  /** Where its inspector listens, if it was asked for one. */
  getInspectorURL(): Promise<URL>;
  dispose(): Promise<void>;
}

/** Where a Worker comes from, and where it is to run. */
export interface HostOptions {
  /** Absolute path of the wrangler configuration. */
  readonly config: string;
  readonly environment: string | undefined;
  /** The folder that the bundle is written to. */
  readonly bundle: string;
  /** The folder that holds its storage. */
  readonly storage: string;
  readonly host: string;
  readonly port: number;
  /** With an inspector. */
  readonly inspect: boolean;
  /** Called whenever workerd is back after it has died. */
  readonly onRestart: () => void;
}

/** Bundles a Worker and starts workerd with it; wrangler and Miniflare stay out of its network. */
export async function startMiniflare(options: HostOptions): Promise<Miniflare> {
  const { config, environment, bundle, storage, host, port, inspect, onRestart } = options;
  const resolve = createRequire(config).resolve;
  const wranglerPath = resolve("wrangler");
  const main = await bundleWorker(join(dirname(resolve("wrangler/package.json")), "bin"), options);
  const { unstable_getMiniflareWorkerOptions: readConfig } = await load<Wrangler>(wranglerPath);
  const { Miniflare, convertV4MiniflareOptions } = await load<MiniflareModule>(
    createRequire(wranglerPath).resolve("miniflare"),
  );
  const { workerOptions } = readConfig(config, environment);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...workerOptions,
      modules: modulesOf(bundle, main),
      modulesRoot: bundle,
      resourcePersistencePath: storage,
      unsafeDirectSockets: [{ host, port }],
      ...(inspect && { inspectorPort: 0 }),
      unsafeHandleRuntimeRestart: onRestart,
      handleStructuredLogs: () => undefined, // rooms report their faults: here they are expected
      log: undefined,
      cf: false,
      telemetry: { enabled: false },
    }),
  );
  await miniflare.ready;
  return miniflare;
}

/** Bundles into `bundle`; gives the name of the module that is the Worker. */
async function bundleWorker(
  bin: string,
  { config, environment, bundle }: HostOptions,
): Promise<string> {
  const args = ["deploy", "--dry-run", "--config", config, "--outdir", bundle];
  if (environment !== undefined) args.push("--env", environment);
  await promisify(execFile)(process.execPath, [join(bin, "wrangler.js"), ...args], {
    cwd: dirname(config),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  const scripts = readdirSync(bundle).filter((name) => /\.m?js$/.test(name));
  if (scripts.length !== 1) {
    throw new Error(`wrangler made ${scripts.length} scripts of ${config}; one was expected.`);
  }
  return scripts[0] as string; // SAFETY: there is one
}

const MODULE_TYPES: Readonly<Record<string, string>> = {
  ".wasm": "CompiledWasm",
  ".txt": "Text",
  ".html": "Text",
  ".sql": "Text",
  ".bin": "Data",
};

/** The bundle's modules, the Worker first. */
function modulesOf(bundle: string, main: string): { type: string; path: string }[] {
  const others = readdirSync(bundle).flatMap((name) => {
    const type = MODULE_TYPES[extname(name)];
    return type === undefined ? [] : [{ type, path: join(bundle, name) }];
  });
  return [{ type: "ESModule", path: join(bundle, main) }, ...others];
}

interface Wrangler {
  unstable_getMiniflareWorkerOptions(
    config: string,
    environment?: string,
  ): { readonly workerOptions: object };
}

interface MiniflareModule {
  readonly Miniflare: new (options: unknown) => Miniflare;
  convertV4MiniflareOptions(options: object): unknown;
}

async function load<Module>(path: string): Promise<Module> {
  const module = (await import(pathToFileURL(path).href)) as Module & { readonly default?: Module };
  // A CommonJS module whose names Node cannot see has them on its default.
  return { ...module.default, ...module };
}
