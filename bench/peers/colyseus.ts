// Colyseus as its guides show it, in memory: a room a name, everything that is said goes to all.
import { createServer } from "node:http";

import { type Client, Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

import { tell } from "./ready.ts";

class BenchRoom extends Room {
  count = 0;

  override onCreate(): void {
    this.onMessage("say", (_client: Client, message: unknown) => {
      this.count += 1;
      this.broadcast("said", message);
    });
  }
}

const http = createServer();
const server = new Server({
  transport: new WebSocketTransport({ server: http }),
  greet: false,
});
server.define("bench", BenchRoom).filterBy(["place"]);
await server.listen(0, "127.0.0.1");
tell(http);
