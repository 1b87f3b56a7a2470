// The same rooms with partyserver.
import { type Connection, type ConnectionContext, Server, type WSMessage } from "partyserver";

import { COUNT, COUNTER, HALF_HOUR, HandLog } from "./counter.ts";

/** No storage of its own. */
export class PartyNoStore extends Server {
  static override options = { hibernate: true };

  override onMessage(_connection: Connection, message: WSMessage): void {
    this.broadcast(message);
  }
}

/** With a counter and an inactivity alarm. */
export class Party extends PartyNoStore {
  override onStart(): void {
    this.ctx.storage.sql.exec(COUNTER);
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    this.ctx.storage.sql.exec(COUNT);
    void this.ctx.storage.setAlarm(Date.now() + HALF_HOUR);
    super.onMessage(connection, message);
  }

  override async onAlarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }
}

/** And with a log. */
export class PartyLog extends Party {
  readonly #log = new HandLog(this.ctx.storage.sql);

  override onConnect(connection: Connection, { request }: ConnectionContext): void {
    this.#log.catchUp(connection, request);
  }

  override onRequest(request: Request): Response {
    return this.#log.fill(request);
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    this.#log.append(message);
    super.onMessage(connection, message);
  }
}
