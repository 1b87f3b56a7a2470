import { Room, RoomServer } from "@greenroom/server";
// Rooms that write their hooks in one way or another, or fail in one of them.
import type { Connection } from "partyserver";

/** Hooks as class fields, and no `super` anywhere. */
export class FieldRoom extends Room {
  log: string[] = [];
  override onStart = (): void => void this.log.push("start");
  override onConnect = (connection: Connection): void => {
    this.log.push("connect");
    connection.send("welcome");
  };
  override onMessage = (connection: Connection, message: unknown): void => {
    this.log.push(`message ${String(message)}`);
    connection.send(JSON.stringify({ log: this.log, count: this.lifecycle.messages }));
  };
  override onClose = (_connection: Connection, code: number): void =>
    void this.log.push(`close ${code}`);
  override onRequest = (): Response => Response.json(this.log);
  override onAlarm = (): void => void this.log.push("alarm");
}

/** Fails where its name says: `connect`, `tags`, `start`, `request`, `close`. */
export class FailingRoom extends Room {
  starts = 0;
  faults: string[] = [];

  override onStart(): void {
    this.starts += 1;
    if (this.name.startsWith("start") && this.starts === 1) throw new Error("secret start");
  }

  override getConnectionTags(): string[] {
    if (this.name.startsWith("tags")) return ["x".repeat(300)];
    return ["all"];
  }

  override async onConnect(connection: Connection): Promise<void> {
    await scheduler.wait(1);
    if (this.name.startsWith("connect")) throw new Error("secret connect");
    connection.send("in");
  }

  override onMessage(connection: Connection, message: string): void {
    if (message === "who") connection.send(String([...this.getConnections()].length));
    else throw new Error("secret message");
  }

  override onClose(): void {
    if (this.name.startsWith("close")) throw new Error("secret close");
  }

  override onRequest(): Response {
    if (this.name.startsWith("request")) throw new Error("secret request");
    return Response.json({
      starts: this.starts,
      faults: this.faults,
      connections: [...this.getConnections()].length,
    });
  }

  override onError(_connection: Connection, error: unknown): void {
    this.faults.push(String(error));
  }
}

/** Sets what no room may set. */
export class SleeplessRoom extends Room {
  static override options = { hibernate: false };
}

/** Lets its connections in when it is told to. */
export class SlowDoorRoom extends RoomServer {
  open: (() => void)[] = [];

  override async onConnect(connection: Connection): Promise<void> {
    if (new URL((arguments[1] as { request: Request }).request.url).pathname.endsWith("/slow")) {
      await new Promise<void>((resolve) => this.open.push(resolve));
    }
    connection.send("in");
  }

  override onMessage(connection: Connection, message: string): void {
    if (message === "open") for (const open of this.open) open();
    else {
      this.broadcast(message);
      connection.send(`${[...this.getConnections()].length} in`);
    }
  }
}

/** partyserver's documented ways: tags, state, ids, one connection, HTTP beside WebSockets, SQL. */
export class TaggedRoom extends Room {
  override getConnectionTags(_connection: Connection, { request }: { request: Request }): string[] {
    return new URL(request.url).searchParams.getAll("tag");
  }

  override onConnect(connection: Connection): void {
    connection.setState({ since: 1 });
    connection.send(
      JSON.stringify({ id: connection.id, tags: connection.tags, uri: connection.uri }),
    );
  }

  override onMessage(connection: Connection, message: string): void {
    const [verb = "", argument = ""] = message.split(" ");
    if (verb === "tag")
      for (const other of this.getConnections(argument)) other.send(`to ${argument}`);
    if (verb === "one") this.getConnection(argument)?.send("to you");
    if (verb === "sql") {
      void this.sql`CREATE TABLE IF NOT EXISTS t (a INTEGER, b TEXT)`;
      void this.sql`INSERT INTO t VALUES (${1}, ${argument})`;
      connection.send(
        JSON.stringify(this.sql<{ a: number; b: string }>`SELECT * FROM t WHERE b = ${argument}`),
      );
    }
    if (verb === "wrong") {
      try {
        void this.sql`SELEKT`;
      } catch (error) {
        connection.send(String(error));
      }
    }
    if (verb === "large") {
      try {
        connection.setState("x".repeat(20_000));
      } catch (error) {
        connection.send(`${(error as { code: string }).code} ${JSON.stringify(connection.state)}`);
      }
    }
  }
}
