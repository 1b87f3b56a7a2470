// Rooms with a schema of their own, in versions: three classes that tests swap over one storage.
import { contract, type Migration, Room, withRoomLifecycle } from "@greenroom/server";
import { type Connection, Server } from "partyserver";
import * as v from "valibot";

const FIRST: readonly Migration[] = [
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); CREATE TABLE tags (tag TEXT)",
  (sql: SqlStorage) => {
    const { n } = sql.exec<{ n: number }>("SELECT count(*) AS n FROM notes").one();
    sql.exec("INSERT INTO tags VALUES (?)", `${n} notes`);
  },
];

/** What has run in which room: memory that outlives an instance, which only tests have. */
export const steps: string[] = [];

/** Migrations that tests swap, as a deploy would. */
export const deployed = new Map<string, readonly Migration[]>();

export class MigratedRoom extends Room {
  static override migrations = FIRST;

  override onMessage(connection: Connection, text: string): void {
    if (text === "look") return connection.send("looked");
    if (text === "roll back") {
      try {
        this.ctx.storage.transactionSync(() => {
          this.add(text);
          throw new Error("rolled back");
        });
      } catch {
        // As meant.
      }
    } else this.add(text);
    connection.send(this.notes().join(","));
  }

  add(text: string): void {
    this.sql`INSERT INTO notes (text) VALUES (${text})`;
  }

  notes(): string[] {
    return this.sql<{ text: string }>`SELECT text FROM notes ORDER BY id`.map((row) => row.text);
  }

  tags(): string[] {
    return this.sql<{ tag: string }>`SELECT tag FROM tags`.map(({ tag }) => tag);
  }

  override onRequest(): Response {
    return Response.json({ name: this.name });
  }
}

/** The same storage under the code that a deploy has brought, or that one was rolled back to. */
export class OlderRoom extends MigratedRoom {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    OlderRoom.migrations = deployed.get(ctx.id.name ?? "") ?? FIRST;
    super(ctx, env);
  }
}

export const ledger = contract({
  messages: { add: v.string() },
  calls: { sum: { output: v.number() } },
});

/** A contract room whose third migration is wrong. */
export class BrokenRoom extends Room.of(ledger) {
  static override migrations: readonly Migration[] = [
    "CREATE TABLE sums (n INTEGER)",
    "INSERT INTO sums VALUES (7)",
    "ALTER TABLE nowhere ADD COLUMN x",
  ];

  handlers = this.handle({
    add: (_member, text) => void this.ctx.storage.sql.exec("INSERT INTO sums VALUES (?)", text),
    sum: () => 0,
  });
}

export class PlainNotes extends Server {
  override onMessage(connection: Connection, text: string): void {
    this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", text);
    connection.send(text);
  }
}

/** Migrations over partyserver's own class. */
export class MigratedPlain extends withRoomLifecycle(PlainNotes) {
  static override migrations = FIRST;
}

/** Costs something. */
export class CostRoom extends MigratedRoom {}
