// A contract room with one of everything, for tests.
import { contract, refuse, Room } from "@greenroom/server";
import * as v from "valibot";

export const chat = contract({
  name: "chat",
  messages: {
    say: v.object({ text: v.pipe(v.string(), v.minLength(1), v.maxLength(500_000)) }),
    note: v.string(),
    fail: v.string(),
    later: v.object({ text: v.string(), ms: v.number() }),
    sneaky: v.string(),
    big: v.number(),
    crash: v.string(),
  },
  events: { said: v.object({ from: v.string(), text: v.string() }), big: v.string() },
  signals: { typing: v.object({ from: v.string() }), poke: v.string() },
  calls: {
    count: { output: v.number() },
    add: { input: v.number(), output: v.number() },
    ask: { input: v.string(), output: v.string() },
    page: {
      input: v.object({ before: v.number(), limit: v.number() }),
      output: v.array(v.number()),
    },
  },
  asks: { name: { input: v.string(), output: v.string() } },
});

export class ChatRoom extends Room.of(chat) {
  static override log = { history: 3, entries: 40 };
  static override limits = { message: false };

  /** Rows that handlers wrote; a table of the user's own. */
  notes(): string[] {
    this.table();
    return this.sql<{ text: string }>`SELECT text FROM notes ORDER BY id`.map(({ text }) => text);
  }

  handlers = this.handle({
    onConnect: (member) => {
      this.signal("typing", { from: member.id });
      member.setState({ joined: true });
    },
    onLeave: (member) => this.signal("poke", `left ${member.id}`),
    say: (member, { text }) => this.publish("said", { from: member.id, text }),
    note: (_member, text) => {
      this.table();
      this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", text);
    },
    fail: (member, text) => {
      this.table();
      this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", text);
      this.publish("said", { from: member.id, text });
      this.signal("poke", text);
      if (text === "refuse") throw refuse("not like this");
      throw new Error("secret text");
    },
    later: async (member, { text, ms }) => {
      this.publish("said", { from: member.id, text: `${text} begins` });
      await scheduler.wait(ms);
      if (text === "fail") throw new Error("secret text");
      this.publish("said", { from: member.id, text: `${text} ends` });
    },
    // oxlint-disable-next-line typescript/promise-function-async -- the mistake under test
    sneaky: (member, text) => {
      this.publish("said", { from: member.id, text });
      return Promise.resolve();
    },
    crash: (member, text) => {
      this.publish("said", { from: member.id, text });
      this.ctx.abort("crashed in a handler");
    },
    big: (_member, size) => this.publish("big", "x".repeat(size)),
    count: () => this.lifecycle.messages,
    add: (_member, n) => {
      this.table();
      this.ctx.storage.sql.exec("INSERT INTO notes (text) VALUES (?)", String(n));
      return this.notes().length;
    },
    ask: async (member, question) => member.ask("name", question, { timeout: 200 }),
    page: (_member, { before, limit }) => this.log.before(before, limit).map(({ seq }) => seq),
  });

  private table(): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT)",
    );
  }
}

/** The same room, re-armed lazily. */
export class LazyChatRoom extends ChatRoom {
  static override lifecycle = { rearm: "lazy" as const };
}

export const board = contract({
  messages: { put: v.tuple([v.string(), v.number()]) },
  events: { put: v.tuple([v.string(), v.number()]) },
  snapshot: v.record(v.string(), v.number()),
});

/** Newcomers and latecomers get the state, not the log. */
export class SnapshotRoom extends Room.of(board) {
  static override log = { history: "snapshot" as const, entries: 10 };

  handlers = this.handle({
    put: (_member, [key, value]) => {
      this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS board (k TEXT PRIMARY KEY, v INTEGER)");
      this.ctx.storage.sql.exec("INSERT OR REPLACE INTO board VALUES (?, ?)", key, value);
      this.publish("put", [key, value]);
    },
    onSnapshot: () => {
      this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS board (k TEXT PRIMARY KEY, v INTEGER)");
      const rows = this.sql<{ k: string; v: number }>`SELECT k, v FROM board`;
      if (rows.some(({ k }) => k === "broken")) throw new Error("secret snapshot");
      return Object.fromEntries(rows.map(({ k, v: value }) => [k, value]));
    },
  });
}
