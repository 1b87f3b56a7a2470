// The same room with partyserver.
import { type Connection, Server, type WSMessage } from "partyserver";

import { COUNT, COUNTER, HALF_HOUR } from "./counter.ts";

export class Party extends Server {
  static override options = { hibernate: true };

  override onStart(): void {
    this.ctx.storage.sql.exec(COUNTER);
  }

  override onMessage(_connection: Connection, message: WSMessage): void {
    this.ctx.storage.sql.exec(COUNT);
    void this.ctx.storage.setAlarm(Date.now() + HALF_HOUR);
    this.broadcast(message);
  }

  override async onAlarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}
