// Rule R13: what workerd holds for a connection that broke, which only the system tells.
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { request } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";
import { expect, test } from "vitest";

const CONNECTIONS = 20;

/** Opens a WebSocket, and gives what it runs over. */
async function open(url: string): Promise<Socket> {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const asked = request(url, { headers }).end();
  // SAFETY: what Node gives with this event.
  const [, socket] = (await once(asked, "upgrade")) as [unknown, Socket];
  return socket;
}

// Only Linux lists the file descriptors of another process as files.
test.skipIf(process.platform !== "linux")(
  "[R13] nothing is held for connections that broke without a close frame",
  async () => {
    const worker = await WorkerProcess.start({
      config: join(import.meta.dirname, "broken.wrangler.jsonc"),
    });
    const held = (): number => readdirSync(`/proc/${worker.pid}/fd`).length;
    try {
      for (const kind of ["room", "server"]) {
        const url = `${worker.url}/rooms/${kind}/a`;
        const stays = await open(url);
        const before = held();
        const broken = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(url)));
        expect(held()).toBeGreaterThanOrEqual(before + CONNECTIONS);
        for (const socket of broken) socket.destroy();
        await expect.poll(held, { timeout: 10_000 }).toBeLessThan(before + CONNECTIONS);
        stays.destroy();
      }
    } finally {
      await worker.stop();
    }
  },
);
