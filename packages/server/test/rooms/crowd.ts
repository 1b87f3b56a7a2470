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
      if (name !== null || member.state === null) member.setState({ name: name ?? "anon" });
    },
    onProfile: (member) => ({ name: (member.state as { name: string }).name }),
    say: (_member, text) => this.publish("said", text),
    be: (member) => member.kick(),
    fill: (member, size) => member.setState({ name: "big", fill: "x".repeat(size) }),
    shown: () => this.members().map(({ presence: shown, profile }) => [shown, profile]),
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
