// The reference Worker as `npm start` runs it, with the pages that wrangler builds for it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const LOOPBACK = "127.0.0.1";

export class ReferenceWorker {
  readonly url: string;
  /** Ends it, with its storage. */
  readonly stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.stop = stop;
  }

  /** Resolves when the Worker answers. */
  static async start(): Promise<ReferenceWorker> {
    const port = String(await freePort());
    const storage = mkdtempSync(join(tmpdir(), "greenroom-example-"));
    const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
    const flags = { "persist-to": storage, ip: LOOPBACK, port, "inspector-port": "0" };
    const child = spawn(
      process.execPath,
      [
        "--env-file=wrangler.env",
        wrangler,
        "dev",
        ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      {
        cwd: ROOT,
        // A process group of its own: wrangler, its esbuild and its workerd end together.
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const ended = once(child, "exit");
    const endGroup = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // Nobody of the group is left.
      }
    };
    process.once("exit", endGroup);
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
    return new ReferenceWorker(`http://${LOOPBACK}:${port}`, async () => {
      // wrangler takes its temporary files with it; workerd would hold the port for two more seconds.
      child.kill("SIGTERM");
      await ended;
      process.off("exit", endGroup);
      endGroup();
      rmSync(storage, { recursive: true, force: true, maxRetries: 5 });
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
