// Rooms with presence, for tests.
import { contract, Room } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";
import * as v from "valibot";

export const crowd = contract({
  name: "crowd",
  messages: {
    say: v.string(),
    be: v.string(),
    fill: v.number(),
  },
  events: { said: v.string() },
  calls: { shown: { output: v.array(v.unknown()) } },
  presence: v.object({ at: v.number(), text: v.optional(v.string()) }),
  profile: v.object({ name: v.string() }),
});

export class CrowdRoom extends Room.of(crowd, { use: [presence()] }) {
  handlers = this.handle({
    onConnect: (member, { request }) => {
      const name = new URL(request.url).searchParams.get("name");
      if (name === "nobody") throw new Error("not you");
      const before = member.state as { fill?: string } | null;
      if (name !== null || before === null) member.setState({ ...before, name: name ?? "anon" });
    },
    onProfile: (member) => ({ name: (member.state as { name: string }).name }),
    say: (_member, text) => this.publish("said", text),
    be: (member) => member.kick(),
    fill: (member, size) => member.setState({ name: "big", fill: "x".repeat(size) }),
    shown: () => this.members().map(({ presence: shown, profile }) => [shown, profile]),
  });
}

export const named = contract({
  name: "named",
  messages: { kick: v.string() },
  signals: { left: v.object({ shown: v.number(), name: v.string() }) },
  claims: v.object({ sub: v.optional(v.string()), name: v.string(), secret: v.string() }),
  presence: v.object({ at: v.number() }),
  profile: v.object({ name: v.string() }),
});

/** A room whose members are somebody. */
export class NamedRoom extends Room.of(named, { use: [presence()] }) {
  handlers = this.handle({
    onProfile: ({ claims: { name } }) => ({ name }),
    onLeave: ({ presence: shown, profile: { name } }) =>
      this.signal("left", { shown: shown?.at ?? 0, name }),
    kick: (_member, id) => this.member(id)?.kick(),
  });
}

/** The same without a grace. */
export class HastyRoom extends Room.of(crowd, { use: [presence({ grace: 0 })] }) {
  handlers = this.handle({
    onProfile: () => ({ name: "hasty" }),
    say: () => undefined,
    be: () => undefined,
    fill: () => undefined,
    shown: () => [],
  });
}

/** Shows whatever its schema does not throw at. */
export class OddCrowdRoom extends Room.of(
  contract({
    presence: v.pipe(
      v.unknown(),
      v.check((value) => {
        if (value === "odd") throw new Error("secret text");
        return true;
      }),
    ),
  }),
  { use: [presence()] },
) {
  handlers = this.handle({});
}

/** The mistake: the contract has presence, and the room does not use it. */
export class UnusedRoom extends Room.of(crowd) {
  handlers = this.handle({
    onProfile: () => ({ name: "unused" }),
    say: () => undefined,
    be: () => undefined,
    fill: () => undefined,
    shown: () => [],
  });
}
