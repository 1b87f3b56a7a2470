/** A Worker in a real workerd of its own, which can be killed in the middle of a write and comes back. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { childrenRunning } from "./child-process.ts";
import { type Miniflare, startMiniflare } from "./workerd-host.ts";

const LOOPBACK = "127.0.0.1";
/** How long workerd may take to come back, in ms. */
const RESTART = 30_000;

/** Options of a Worker process. */
export interface WorkerProcessOptions {
  /** The path of its wrangler configuration. @default "wrangler.jsonc" */
  readonly config?: string;
  /** The environment of that configuration. @default its top level */
  readonly environment?: string;
  /** The folder for its storage, which is then kept. @default a temporary one */
  readonly storage?: string;
  /** @default a free one */
  readonly port?: number;
  /** Whether workerd opens an inspector: see `inspector`. @default false */
  readonly inspect?: boolean;
}

/** A running Worker. */
export class WorkerProcess {
  /** Where it answers, as `127.0.0.1:40123`. */
  readonly host: string;
  readonly #folder: string;
  #miniflare: Miniflare | undefined;
  #pid: number | undefined;
  #restarted = (): void => undefined;

  /**
   * Starts a Worker as a deploy would bundle it, with the wrangler of its project.
   *
   * @example
   * ```ts
   * import { WorkerProcess } from "@greenroom/testing";
   * const worker = await WorkerProcess.start({ config: "wrangler.jsonc" });
   * await worker.kill(); // workerd is gone with `kill -9`, and is back
   * await worker.stop();
   * ```
   */
  static async start(options: WorkerProcessOptions = {}): Promise<WorkerProcess> {
    const { config = "wrangler.jsonc", environment, port = await freePort() } = options;
    const folder = mkdtempSync(join(tmpdir(), "greenroom-worker-"));
    listen();
    temporary.add(folder);
    const worker = new WorkerProcess(port, folder);
    const bundle = join(folder, "bundle");
    mkdirSync(bundle);
    try {
      worker.#pid = await born(async () => {
        worker.#miniflare = await startMiniflare({
          config: resolve(config),
          environment,
          bundle,
          storage: resolve(options.storage ?? join(folder, "storage")),
          host: LOOPBACK,
          port,
          inspect: options.inspect ?? false,
          onRestart: () => worker.#restarted(),
        });
      });
    } catch (cause) {
      forget(folder);
      throw cause;
    }
    return worker;
  }

  private constructor(port: number, folder: string) {
    this.host = `${LOOPBACK}:${port}`;
    this.#folder = folder;
  }

  /** The process id of its workerd, another one after each kill. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** As `http://127.0.0.1:40123`. */
  get url(): string {
    return `http://${this.host}`;
  }

  /** `kill -9` of workerd: nothing is closed, nothing is flushed. Resolves when it is back at the same address. */
  async kill(): Promise<void> {
    this.#pid = await born(
      () =>
        new Promise((resolve, reject) => {
          if (this.#pid === undefined) throw new Error("There is no workerd to kill.");
          const error = new Error(`workerd was not back ${RESTART} ms after it was killed.`);
          const late = setTimeout(() => reject(error), RESTART);
          this.#restarted = () => {
            clearTimeout(late);
            resolve();
          };
          try {
            process.kill(this.#pid, "SIGKILL");
          } catch (cause) {
            clearTimeout(late);
            reject(new Error(`workerd ${this.#pid} has ended before it was killed.`, { cause }));
          }
        }),
    );
  }

  /** Where the inspector of its workerd listens, at another address after each kill. Takes the option `inspect`. */
  async inspector(): Promise<URL> {
    if (!this.#miniflare) throw new Error("There is no workerd to inspect.");
    return this.#miniflare.getInspectorURL();
  }

  /** Ends it, and forgets a temporary storage. */
  async stop(): Promise<void> {
    await this.#miniflare?.dispose();
    forget(this.#folder);
  }
}

/** The folders of those that run: they are removed when this process ends before they are stopped, too. */
const temporary = new Set<string>();
let isListening = false;

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.once("exit", () => temporary.forEach(forget));
}

function forget(folder: string): void {
  temporary.delete(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

let queue: Promise<unknown> = Promise.resolve();

/** Runs what starts a workerd, one at a time, and gives the process id of the new one. */
function born(start: () => Promise<void>): Promise<number | undefined> {
  const next = queue.then(async () => {
    const before = childrenRunning("workerd");
    await start();
    return childrenRunning("workerd").find((pid) => !before.includes(pid));
  });
  queue = next.catch(() => undefined); // told to the one who waits for it
  return next;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, "listening");
  // SAFETY: it listens on a port, not on a path.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
