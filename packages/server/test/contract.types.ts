// Types that must hold: compiled by `tsc -b`, run by nobody.
import { contract, Room, type RoomError } from "@greenroom/server";
import * as v from "valibot";
import { z } from "zod";

const shape = contract({
  messages: { say: v.object({ text: v.string() }), at: z.object({ when: z.coerce.date() }) },
  events: { said: v.object({ text: v.string() }) },
  signals: { typing: v.string() },
  calls: { count: { output: v.number() }, add: { input: v.number(), output: v.number() } },
  asks: { name: { input: v.string(), output: v.string() } },
});

interface MyEnv extends Cloudflare.Env {
  readonly SECRET: string;
}

export class Good extends Room.of(shape)<MyEnv> {
  static override lifecycle = { expireAfter: 1_000, rearm: "lazy" as const };
  static override log = { history: 10 };

  handlers = this.handle({
    onConnect: (member) => this.signal("typing", member.id),
    say: (member, { text }) => {
      this.publish("said", { text: `${member.id} ${text}` });
      this.env.SECRET satisfies string;
      this.ctx satisfies DurableObjectState;
    },
    at: (_member, { when }) => void (when satisfies Date),
    count: () => this.lifecycle.messages,
    add: async (member, n) => n + (await member.ask("name", "who")).length,
  });

  override onExpire(): number {
    return 1;
  }

  override onStart(): void {
    // hooks that are no moments may be methods
  }

  override async onRequest(request: Request): Promise<Response> {
    return new Response(request.url);
  }

  override onAlarm = (): void => undefined; // or fields

  async wrong(): Promise<void> {
    // @ts-expect-error an event that is not in the contract
    this.publish("sayd", { text: "" });
    // @ts-expect-error a payload of another type
    this.publish("said", { text: 1 });
    // @ts-expect-error a signal is not an event
    this.publish("typing", "x");
    // @ts-expect-error a contract room has no raw broadcast
    this.broadcast("x");
    // @ts-expect-error the question takes a string
    await this.member("x")?.ask("name", 1);
  }
}

// @ts-expect-error a room without handlers
export class Bare extends Room.of(shape) {}

export class Missing extends Room.of(shape) {
  // @ts-expect-error "at" and "add" are missing
  handlers = this.handle({ say: () => undefined, count: () => 1 });
}

export class Extra extends Room.of(shape) {
  handlers = this.handle({
    say: () => undefined,
    at: () => undefined,
    count: () => 1,
    add: (_member, n) => n,
    // @ts-expect-error a handler that the contract has not
    more: () => undefined,
  });
}

export class WrongAnswer extends Room.of(shape) {
  handlers = this.handle({
    say: () => undefined,
    at: () => undefined,
    // @ts-expect-error the answer is a number
    count: () => "1",
    add: (_member, n) => n,
  });
}

contract({
  messages: { one: v.string() },
  calls: {
    // @ts-expect-error a message and a call of one name
    one: { output: v.string() },
  },
});

contract({
  messages: {
    // @ts-expect-error not a schema
    one: "string",
  },
});

export type Namespace = DurableObjectNamespace<Good>;
export type Code = RoomError["code"];
