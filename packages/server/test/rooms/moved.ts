import { Room } from "@greenroom/server";
// The chat server of partyserver's documentation, twice: as it is, and moved to Room by changing
// its import and its base class.
import { type Connection, Server, type WSMessage } from "partyserver";

export class PartyServer extends Server {
  static override options = { hibernate: true };
  seen: string[] = [];

  override onConnect(connection: Connection): void {
    this.seen.push(`connected to ${this.name}: ${[...this.getConnections()].length}`);
    connection.send("hello");
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    // To every other connection.
    this.broadcast(message, [connection.id]);
  }

  override onClose(connection: Connection): void {
    this.broadcast("somebody left", [connection.id]);
  }

  override onRequest(): Response {
    return Response.json(this.seen);
  }
}

export class MovedServer extends Room {
  seen: string[] = [];

  override onConnect(connection: Connection): void {
    this.seen.push(`connected to ${this.name}: ${[...this.getConnections()].length}`);
    connection.send("hello");
  }

  override onMessage(connection: Connection, message: WSMessage): void {
    // To every other connection.
    this.broadcast(message, [connection.id]);
  }

  override onClose(connection: Connection): void {
    this.broadcast("somebody left", [connection.id]);
  }

  override onRequest(): Response {
    return Response.json(this.seen);
  }
}
