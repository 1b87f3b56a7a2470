// What people write by hand: a hibernating object that counts, re-arms its alarm and broadcasts.
import { DurableObject } from "cloudflare:workers";

import { COUNT, COUNTER, HALF_HOUR, HandLog } from "./counter.ts";

/** No storage at all: what the platform can do. */
export class RawNoStore extends DurableObject {
  override fetch(request: Request): Response | Promise<Response> {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server);
    this.opened(server, request);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(_socket: WebSocket, message: string | ArrayBuffer): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(message);
  }

  protected opened(_socket: WebSocket, _request: Request): void {}

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

/** And with a log. */
export class RawLog extends Raw {
  readonly #log = new HandLog(this.ctx.storage.sql);

  override fetch(request: Request): Response | Promise<Response> {
    return new URL(request.url).searchParams.has("fill")
      ? this.#log.fill(request)
      : super.fetch(request);
  }

  protected override opened(socket: WebSocket, request: Request): void {
    this.#log.catchUp(socket, request);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#log.append(message);
    super.webSocketMessage(socket, message);
  }
}
