// A room whose handlers use storage seldom: they have no savepoint until they do.
import { contract, Room } from "@greenroom/server";
import * as v from "valibot";

/** Publishes, and where `note` says so uses storage, and then where `fail` says so throws. */
const say = v.object({
  text: v.string(),
  note: v.optional(v.boolean()),
  fail: v.optional(v.boolean()),
});
type Say = v.InferOutput<typeof say>;

export const rare = contract({
  name: "rare",
  messages: { sql: say, kv: say, put: say, timer: say },
  events: { said: v.string() },
  calls: { noted: { output: v.array(v.string()) }, instance: { output: v.number() } },
});

export class RareRoom extends Room.of(rare, { timers: { rare: null } }) {
  static override migrations = ["CREATE TABLE notes (text TEXT NOT NULL)"];

  readonly #instance = Math.random();

  handlers = this.handle({
    sql: (_member, said) =>
      this.#say(said, (text) => this.ctx.storage.sql.exec("INSERT INTO notes VALUES (?)", text)),
    kv: (_member, said) => this.#say(said, (text) => this.ctx.storage.kv.put(text, true)),
    put: (_member, said) => this.#say(said, (text) => this.ctx.storage.put(text, true)),
    timer: (_member, said) =>
      this.#say(said, () => this.timers.set("rare", { after: 60_000 }), "rare"),
    noted: () => {
      const rows = this.ctx.storage.sql.exec<{ text: string }>("SELECT text FROM notes").toArray();
      const keys = [...this.ctx.storage.kv.list()].map(([key]) => key);
      const timers = this.timers.list().map(({ name }) => name);
      return [...rows.map(({ text }) => text), ...keys, ...timers];
    },
    instance: () => this.#instance,
    onTimer: { rare: () => undefined },
  });

  #say({ text, note, fail }: Say, use: (text: string) => unknown, kept = text): void {
    this.publish("said", text);
    if (note) void use(kept);
    if (fail) throw new Error("failed on purpose");
  }
}
