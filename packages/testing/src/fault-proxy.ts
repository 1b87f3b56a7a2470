/** A proxy on this machine, between clients and a room's server, that does to connections what networks do. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

import { Link } from "./link.ts";

const LOOPBACK = "127.0.0.1";

/** A proxy for TCP connections to one server. */
export class FaultProxy {
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  readonly #server: { host: string; port: number };
  #refusesUntil = 0;
  #stalledUntil = 0;
  readonly #late: number[] = [];

  /**
   * Starts a proxy to a server, given as `127.0.0.1:8787`, on a free port.
   *
   * @example
   * ```ts
   * import { FaultProxy } from "@greenroom/testing";
   * const proxy = await FaultProxy.start("127.0.0.1:8787");
   * for (const link of proxy.links) link.stall(2_000);
   * await proxy.stop();
   * ```
   */
  static async start(server: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(server);
    proxy.#listener.listen(0, LOOPBACK);
    await once(proxy.#listener, "listening");
    return proxy;
  }

  private constructor(server: string) {
    const { hostname, port } = new URL(`http://${server}`);
    this.#server = { host: hostname, port: Number(port || 80) };
    this.#listener = createServer((client) => this.#accept(client));
  }

  /** Where clients connect to, as `127.0.0.1:40123`. */
  get host(): string {
    // SAFETY: it listens on a port, not on a path.
    return `${LOOPBACK}:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** The connections to which nothing was done that lasts, oldest first. */
  get links(): readonly Link[] {
    return [...this.#links].filter((link) => link.isWhole);
  }

  /** Resets each new connection for so many ms. */
  refuse(ms: number): void {
    this.#refusesUntil = performance.now() + ms;
  }

  /** Delivers nothing on the connection that comes next for so many ms, and then everything: a late handshake. */
  stallNext(ms: number): void {
    this.#late.push(ms);
  }

  /** Delivers nothing on any connection, new ones included, for so many ms, and then everything. */
  blackOut(ms: number): void {
    this.#stalledUntil = performance.now() + ms;
    for (const link of this.links) link.stall(ms);
  }

  /** Ends every connection, and takes no more. */
  async stop(): Promise<void> {
    for (const link of this.#links) link.destroy();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #accept(client: Socket): void {
    const now = performance.now();
    if (now < this.#refusesUntil) {
      client.on("error", () => undefined); // gone before it could be refused
      client.resetAndDestroy();
      return;
    }
    const link: Link = new Link(client, this.#server, () => this.#links.delete(link));
    this.#links.add(link);
    const stalled = Math.max(this.#stalledUntil - now, this.#late.shift() ?? 0);
    if (stalled > 0) link.stall(stalled);
  }
}
