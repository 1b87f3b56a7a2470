// The room that `npm run -s growth` lets grow; it does what its URL says, and tells its bill.
import { contract, Room } from "@greenroom/server";
import * as v from "valibot";

const growing = contract({
  name: "growing",
  messages: { say: v.object({ text: v.string() }) },
  events: { said: v.object({ from: v.string(), text: v.string() }) },
});

const LATER = 3_600_000;

export class Grown extends Room.of(growing, { timers: { tick: null } }) {
  static override limits = { rate: false, roomRate: false, connections: false } as const;
  static override log = { entries: 2_000_000, bytes: 1e12, history: 0 };

  handlers = this.handle({
    say: (member, { text }) => this.publish("said", { from: member.id, text }),
    onTimer: { tick: () => undefined },
  });

  override onRequest(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const number = (name: string): number => Number(searchParams.get(name) ?? 0);
    const each = (name: string, run: (n: number) => void): void => {
      for (let n = 0; n < number(name); n++) run(n);
    };
    each("publish", (n) => this.publish("said", { from: "the room", text: `number ${n}` }));
    each("set", (n) => this.timers.set(`tick/${number("from") + n}`, { after: LATER + n }));
    each("toggle", (n) => {
      this.timers.set(`tick/toggled-${n}`, { after: LATER });
      this.timers.cancel(`tick/toggled-${n}`);
    });
    each("ring", (n) => this.timers.set(`tick/rings-${n}`, { after: 20 }));
    const page = searchParams.has("page") ? this.log.after(number("page"), 50).length : 0;
    const { rowsRead, rowsWritten, alarms } = this.cost().wake;
    const { epoch, head } = this.log;
    return Response.json({ rowsRead, rowsWritten, alarms, page, epoch, head });
  }
}
