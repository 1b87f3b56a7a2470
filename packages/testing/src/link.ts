/** One proxied connection, and what can be done to it. */
import { connect, type Socket } from "node:net";

import { Line } from "./line.ts";

/** How a connection is cut. */
export interface Cut {
  /** Whether both ends see a reset or an orderly end. @default "reset" */
  readonly how?: "reset" | "end";
  /**
   * Waits for the next bytes in this direction, and lets a part of them through (`share`, 0 to 1):
   * a cut in the middle of a frame. @default cuts at once
   */
  readonly within?: "to-server" | "to-client";
  /** @default 0 */
  readonly share?: number;
}

/** How long a cut waits for bytes to cut through, in ms. */
const PATIENCE = 250;

/** A connection through a proxy. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #toServer: Line;
  readonly #toClient: Line;
  readonly #timers = new Set<NodeJS.Timeout>();
  #whole = true;

  /** Dials the server for a client that has come; `ended` is called once both ends are gone. */
  constructor(client: Socket, server: { host: string; port: number }, ended: () => void) {
    this.#client = client;
    this.#server = connect({ ...server, noDelay: true });
    client.setNoDelay(true);
    let open = 2;
    for (const socket of [client, this.#server]) {
      // A reset is followed by "close", and that is passed on.
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.#whole = false;
        open -= 1;
        if (open > 0) return;
        for (const timer of this.#timers) clearTimeout(timer);
        ended();
      });
    }
    this.#toServer = new Line(client, this.#server);
    this.#toClient = new Line(this.#server, client);
  }

  /** Whether both ends are there, and nothing was done to it that lasts. */
  get isWhole(): boolean {
    return this.#whole;
  }

  /** Ends it for both ends. */
  cut({ how = "reset", within, share = 0 }: Cut = {}): void {
    this.#whole = false;
    const end = (socket: Socket): void => {
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroySoon();
    };
    const cut = (): void => {
      end(this.#client);
      end(this.#server);
    };
    if (!within) return cut();
    const [line, receiver, sender] =
      within === "to-server"
        ? ([this.#toServer, this.#server, this.#client] as const)
        : ([this.#toClient, this.#client, this.#server] as const);
    const late = this.#after(PATIENCE, cut);
    line.intercept((bytes) => {
      clearTimeout(late);
      // What is let through must arrive: a reset at the receiver would take it back.
      receiver.write(bytes.subarray(0, Math.floor(bytes.length * share)));
      receiver.destroySoon();
      end(sender);
      return undefined;
    });
  }

  /** Delivers nothing in either direction for so many ms, and then everything. */
  stall(ms: number): void {
    this.#whole = false;
    for (const line of [this.#toServer, this.#toClient]) line.hold();
    this.#after(ms, () => {
      this.#whole = !this.#client.destroyed && !this.#server.destroyed;
      for (const line of [this.#toServer, this.#toClient]) line.letGo();
    });
  }

  /** Makes each direction slower by `latency` ms, for `ms`. */
  delay(latency: number, ms: number): void {
    for (const line of [this.#toServer, this.#toClient]) line.delay(latency);
    this.#after(ms, () => {
      for (const line of [this.#toServer, this.#toClient]) line.delay(0);
    });
  }

  /**
   * One end dies and the other is never told: it finds out by itself, or its own end tells us.
   * `client`: the client's connection breaks, and the server keeps a ghost. `server`: the reverse.
   */
  halfOpen(dead: "client" | "server"): void {
    this.#whole = false;
    this.#toServer.deafen();
    this.#toClient.deafen();
    // The other one's end, when it comes, ends its own socket alone.
    (dead === "client" ? this.#client : this.#server).resetAndDestroy();
  }

  /** Ends it at once, whatever it was going through. */
  destroy(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #after(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }
}
