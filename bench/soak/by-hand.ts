// An object without Greenroom that lives as the soak's rooms do: a row for each message, an alarm
// behind the last one, and nothing left after it.
import { DurableObject } from "cloudflare:workers";

export class HandWritten extends DurableObject {
  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(_socket: WebSocket, message: string): Promise<void> {
    const { storage } = this.ctx;
    storage.sql.exec("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, message TEXT)");
    storage.sql.exec("INSERT INTO kept (message) VALUES (?)", message);
    await storage.setAlarm(Date.now() + 2_000);
    for (const socket of this.ctx.getWebSockets()) socket.send(message);
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  override async alarm(): Promise<void> {
    for (const socket of this.ctx.getWebSockets()) socket.close(4001, "expired");
    await this.ctx.storage.deleteAll();
  }
}
