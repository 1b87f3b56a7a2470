// What people write by hand: a hibernating object that counts, re-arms its alarm and broadcasts.
import { DurableObject } from "cloudflare:workers";

import { COUNT, COUNTER, HALF_HOUR } from "./counter.ts";

/** No storage at all: what the platform can do. */
export class RawNoStore extends DurableObject {
  override fetch(_request: Request): Response | Promise<Response> {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_socket: WebSocket, message: string | ArrayBuffer): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(message);
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }
}

/** With a counter and an inactivity alarm. */
export class Raw extends RawNoStore {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.storage.sql.exec(COUNTER);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.ctx.storage.sql.exec(COUNT);
    void this.ctx.storage.setAlarm(Date.now() + HALF_HOUR);
    super.webSocketMessage(socket, message);
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
