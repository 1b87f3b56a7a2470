// Compiled, never run: presence and profile are typed by the contract.
import { contract, Room } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";
import * as v from "valibot";

const shown = contract({
  messages: { say: v.string() },
  presence: v.object({ when: v.pipe(v.string(), v.transform(Number)) }),
  profile: v.object({ name: v.string() }),
});

export class Shown extends Room.of(shown, { use: [presence({ grace: 5_000 })] }) {
  handlers = this.handle({
    onProfile: (member) => ({ name: member.id }),
    say: (member) => {
      const when: number | undefined = member.presence?.when;
      const name: string = member.profile.name;
      // @ts-expect-error the member's own
      member.presence = { when };
      // @ts-expect-error not in the profile
      void member.profile.age;
      return void name;
    },
  });
}

export class NoProfile extends Room.of(shown, { use: [presence()] }) {
  // @ts-expect-error the contract has a profile, so that the room must make it
  handlers = this.handle({ say: () => undefined });
}

export class WrongProfile extends Room.of(shown, { use: [presence()] }) {
  handlers = this.handle({
    // @ts-expect-error not what the contract asks for
    onProfile: () => ({ name: 7 }),
    say: () => undefined,
  });
}

export class Plain extends Room.of(contract({ messages: { say: v.string() } })) {
  handlers = this.handle({
    say: (member) => {
      const nothing: undefined = member.presence;
      return nothing;
    },
  });
}

// @ts-expect-error no such option
presence({ wait: 5 });
