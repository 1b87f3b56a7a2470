// Compiled, never run: `room.presence` is there where it is used and the contract has it, and typed.
import * as v from "valibot";
import { z } from "zod";

import { connect, contract } from "../src/index.ts";
import { presence, presenceEvery } from "../src/presence.ts";

/** Compiles only where both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const withValibot = contract({
  presence: v.object({ x: v.number(), when: v.pipe(v.string(), v.transform(Number)) }),
  profile: v.object({ name: v.string() }),
});
const withZod = contract({
  presence: z.object({ x: z.number(), when: z.string().transform(Number) }),
  profile: z.object({ name: z.string() }),
});

export function used(): void {
  const room = connect(withValibot, { room: "lobby", kind: "chat", use: [presence] });
  room.presence.set({ x: 1, when: "5" });
  // @ts-expect-error -- what is set is what the schema takes
  room.presence.set({ x: 1, when: 5 });
  // @ts-expect-error -- all of it
  room.presence.set({ x: 1 });
  same<ReturnType<typeof room.presence.get>, { x: number; when: string } | undefined>(true);
  for (const { id, person, presence: shown, profile } of room.presence.members) {
    same<typeof id, string>(true);
    same<typeof person, string>(true);
    same<typeof shown, { x: number; when: number } | undefined>(true);
    same<typeof profile, { name: string }>(true);
  }
  room.presence.watch(({ joined, changed, left, people }) => {
    same<typeof joined, typeof people>(true);
    same<typeof changed, typeof left>(true);
    const [first] = people;
    same<NonNullable<typeof first>["presence"], { x: number; when: number } | undefined>(true);
    same<NonNullable<typeof first>["isSelf"], boolean>(true);
    // @ts-expect-error -- a profile is the room's
    if (first) first.profile = { name: "another" };
  });
  // @ts-expect-error -- the rest of the room is as it was
  void room.send("say", "a");

  const other = connect(withZod, { room: "lobby", kind: "chat", use: [presenceEvery(16)] });
  other.presence.set({ x: 1, when: "5" });
  same<typeof other.presence.people, typeof room.presence.people>(true);
}

export function notThere(): void {
  const unused = connect(withValibot, { room: "lobby", kind: "chat" });
  // @ts-expect-error -- not used
  void unused.presence;
  const without = connect(contract({}), { room: "lobby", kind: "chat", use: [presence] });
  // @ts-expect-error -- the contract has none
  void without.presence;
  const bare = connect(contract({ presence: v.number() }), {
    room: "lobby",
    kind: "chat",
    use: [presence],
  });
  same<(typeof bare.presence.people)[number]["profile"], undefined>(true);
  // @ts-expect-error -- no extension
  connect(withValibot, { room: "lobby", kind: "chat", use: ["presence"] });
}
