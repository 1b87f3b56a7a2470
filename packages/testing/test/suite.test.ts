// The suite that any room can be run through, and what it says of a room that forgets.
import { presence } from "@greenroom/client/presence";
import { routeRooms } from "@greenroom/server";
import {
  evictionSuite,
  type EvictionSuiteOptions,
  simulate,
  testRoom,
  time,
} from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import "@greenroom/testing/matchers";

import { holdAgainst, seenIn } from "../src/eviction-suite.ts";
import { type ForgetfulRoom, present, tally, type TallyRoom } from "./worker.ts";

evictionSuite("a room that keeps what it is told", {
  room: env.TallyRoom,
  contract: tally,
  clients: ["anna", "ben"],
  steps: [
    ({ anna }) => anna.send("add", { key: "one" }),
    ({ ben }) => ben.send("add", { key: "two" }),
    ({ anna }) => anna.call("sum"),
    ({ ben }) => ben.send("add", { key: 3 as never }),
    ({ room }) => room.run((instance) => instance.keys()),
    ({ anna }) => anna.send("remind", { after: 60_000 }),
    () => time.advance(120_000), // tells the room's name, which is another one in each run
  ],
});

evictionSuite("people, whose ids are made of the room's name", {
  room: env.PresentRoom,
  through: {
    fetch: (request) =>
      routeRooms(request, env, {
        rooms: { present: env.PresentRoom },
        authenticate: (_request, { token }) => ({ sub: token ?? "nobody" }),
      }),
  },
  contract: present,
  clients: ["anna", "ben"],
  connect: (name) => ({ token: name, use: [presence] }),
  steps: [peopleOf, peopleOf],
});

/** Whom one of the clients sees. */
function peopleOf({ ben }: { readonly ben: object }): unknown {
  const { presence } = ben as { readonly presence: { readonly people: readonly unknown[] } };
  return presence.people;
}

test.each(["sleep", "move", "crash"] as const)(
  "a room that counts in a field is found out: %s",
  async (interruption) => {
    const options = {
      room: env.ForgetfulRoom,
      contract: tally,
      clients: ["anna", "ben"] as const,
      steps: [({ anna }) => anna.send("add", { key: "one" }), ({ ben }) => ben.call("sum")],
    } satisfies EvictionSuiteOptions<ForgetfulRoom, (typeof tally)["shape"], "anna" | "ben">;
    const undisturbed = await seenIn(options);
    const disturbed = await seenIn(options, interruption);
    expect(undisturbed[1]).toMatchObject({ step: 2, answer: 1 });
    expect(disturbed[1]).toMatchObject({ step: 2, answer: 0 });
    expect(() => holdAgainst(undisturbed.slice(1), disturbed.slice(1))).toThrow(
      /Step 2 shows something else .* keep it in storage/,
    );
  },
);

test("what `expect` gives to a step is no answer", async () => {
  const options = {
    room: env.TallyRoom,
    contract: tally,
    clients: ["anna"] as const,
    steps: [({ anna }) => expect(anna.received("added")).toEqual([])],
  } satisfies EvictionSuiteOptions<TallyRoom, (typeof tally)["shape"], "anna">;
  const undisturbed = await seenIn(options);
  expect(undisturbed).toMatchObject([{ step: 1, answer: undefined }]);
  holdAgainst(undisturbed, await seenIn(options, "sleep"));
});

test("what would pass whatever the room does is refused", async () => {
  const suite = { room: env.TallyRoom, contract: tally, clients: [], steps: [() => 1] };
  expect(() => evictionSuite("one step", suite)).toThrow("at least two steps");
  expect(() => expect([]).toBeInOrder()).toThrow("takes a list of clients");
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  const typo = "cutt" as never;
  expect(() => anna.network.plan(typo, { to: "client" })).toThrow(
    'no fault "cutt"; there are cut, cut-after, stall',
  );
  expect(() => anna.network.shake(1, { [typo]: 0.1 })).toThrow('no fault "cutt"');
  expect(() => anna.network.shake(1, { cut: 10 })).toThrow("from 0 to 1");
  expect(() => anna.network.shake(1, { cut: 0.75, stall: 0.5 })).toThrow("1.25 together");
  expect(() => anna.network.plan("cut", { to: "rooom" as never })).toThrow(
    'no end "rooom" of a connection; there are room and client',
  );
  expect(() => anna.network.halfOpen("rooom" as never)).toThrow('no end "rooom"');
  expect(() => expect(anna).not.toHaveReceived("addedd")).toThrow(
    'has no event or signal "addedd"; it has added, reminded, hello',
  );
  await expect(anna.moment("resumed" as never)).rejects.toThrow(
    'no moment "resumed"; there are status, resume',
  );
  for (const wrong of [undefined, {}, Promise.resolve(), anna]) {
    expect(() => expect(wrong).toHavePassed()).toThrow("takes the verdict of `simulate`");
  }
  const faults = { cutts: 1 } as never;
  const send = async (): Promise<void> => undefined;
  await expect(simulate(room, tally, { send, keys: {}, faults })).rejects.toThrow(
    'no fault "cutts"; there are cuts, stalls',
  );
  await expect(anna.next("addedd" as never)).rejects.toThrow(
    /has no event or signal "addedd"; it has .*added/,
  );
});

test("toHaveReceived says what came instead", async () => {
  const room = await testRoom(env.TallyRoom);
  const anna = await room.connect(tally);
  await anna.send("add", { key: "one" });
  expect(anna).toHaveReceived("added", expect.objectContaining({ key: "one" }));
  expect(() => expect(anna).toHaveReceived("added", { key: "two" })).toThrow(
    /was not given added .*two.*Of that name came: .*one/s,
  );
  expect(() => expect(anna).not.toHaveReceived("added")).toThrow("1 times");
});

test("toBeInOrder finds a gap, a double and another order", () => {
  const client = (
    ...entries: readonly (readonly [seq: number, value: string])[]
  ): { came: unknown[] } => ({
    came: entries.map(([seq, value]) => ({ kind: "event", name: "added", value, seq, epoch: "e" })),
  });
  const whole = client([1, "a"], [2, "b"], [3, "c"]);
  expect([whole, whole, client([2, "b"], [3, "c"])]).toBeInOrder();
  for (const [wrong, text] of [
    [client([1, "a"], [3, "c"]), "lost: client 1 was given entry 3 after 1"],
    [client([1, "a"], [2, "b"], [2, "b"], [3, "c"]), "duplicated"],
    [client([1, "a"], [2, "c"], [3, "b"]), "reordered"],
    [client([1, "a"]), "was given nothing after entry 1 of 3"],
  ] as const) {
    expect(() => expect([whole, wrong]).toBeInOrder()).toThrow(text);
  }
});
