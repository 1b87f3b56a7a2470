// A Worker in a process of its own, as `npm start` runs it, that can be killed and comes back with
// the same address and the same storage.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export class WorkerProcess {
  readonly #config: string;
  readonly #storage: string = mkdtempSync(join(tmpdir(), "greenroom-example-"));
  #port = 0;
  #child: ChildProcess | undefined;

  /** `config` is the path of a wrangler.jsonc from the top of the repository. */
  constructor(config: string) {
    this.#config = config;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Resolves when the Worker answers. */
  async start(): Promise<void> {
    this.#port ||= await freePort();
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    const options = { config: this.#config, "persist-to": this.#storage, ip: "127.0.0.1" };
    const ports = { port: String(this.#port), "inspector-port": "0" };
    const flags = Object.entries({ ...options, ...ports }).flatMap(([name, value]) => [
      `--${name}`,
      value,
    ]);
    const child = spawn(process.execPath, ["--env-file=wrangler.env", wrangler, "dev", ...flags], {
      cwd: ROOT,
      // A process group of its own: wrangler, its esbuild and its workerd can be killed together.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    process.once("exit", this.#killGroup);
    await new Promise<void>((resolve, reject) => {
      let output = "";
      const read = (chunk: Buffer): void => {
        output += chunk.toString();
        if (output.includes("Ready on ")) resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", (code) => reject(new Error(`wrangler ended (${code}):\n${output}`)));
    });
  }

  /** `kill -9` of everything that serves: nothing is closed, nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const ended = once(child, "exit");
    this.#killGroup();
    await ended;
  }

  /** Ends it for good, with its storage; wrangler takes its temporary files with it. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
      this.#killGroup();
    }
    rmSync(this.#storage, { recursive: true, force: true, maxRetries: 5 });
  }

  readonly #killGroup = (): void => {
    process.off("exit", this.#killGroup);
    const group = this.#child?.pid;
    this.#child = undefined;
    if (group === undefined) return;
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // Nobody of the group is left.
    }
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
