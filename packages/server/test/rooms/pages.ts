// Rooms that give pages of their log, for tests.
import { contract, Room } from "@greenroom/server";
import { pages } from "@greenroom/server/pages";
import { presence } from "@greenroom/server/presence";
import * as v from "valibot";

const HOUR = 60 * 60;

export const paged = contract({
  name: "paged",
  messages: { say: v.string(), fill: v.object({ entries: v.number(), size: v.number() }) },
  events: { said: v.string() },
  calls: { shown: { output: v.array(v.unknown()) } },
  presence: v.string(),
});

/** Presence comes second: what it shows of members must not be asked of the pages. */
export class PagedRoom extends Room.of(paged, { use: [pages({ most: 5 }), presence()] }) {
  static override log = { history: 0 };
  static override limits = { rate: { perSecond: 1 / HOUR, burst: 20 } };

  handlers = this.handle({
    say: (_, text) => this.publish("said", text),
    fill: (_, { entries, size }) => {
      for (let index = 1; index <= entries; index++) this.publish("said", `${index}`.padEnd(size));
    },
    shown: () => this.members().map((member) => member.presence),
  });
}

export class EndlessPages extends Room.of(paged, {
  use: [presence(), pages({ most: Number.POSITIVE_INFINITY })],
}) {
  handlers = this.handle({ say: () => undefined, fill: () => undefined, shown: () => [] });
}
