// The poll of the page on coming from partyserver: before, with another base class and route, and
// with a contract. The page quotes the files of `poll`, and scripts/test/quoted-code.test.ts holds it to them.
import type { ConnectOptions } from "@greenroom/client";
import { type Fetcher, testRoom, type TestRoom, time } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import type { PartySocketOptions } from "partysocket";
import { expect, onTestFinished, test, vi } from "vitest";

import { openPoll as openBefore } from "./poll/before/client.ts";
import before from "./poll/before/server.ts";
import moved from "./poll/moved/server.ts";
import names from "./poll/names/server.ts";
import { openPoll as openTyped } from "./poll/typed/client.ts";
import typed from "./poll/typed/server.ts";

type Shown = Parameters<Parameters<typeof openTyped>[1]>[0];
type Open = (show: (poll: Shown) => void) => { vote(option: number): unknown };
type Poll = { room: TestRoom<undefined>; worker: Fetcher; open: Open };

const LUNCH = { question: "Lunch?", options: ["soup", "salad"] };
const MINUTE = 60_000;

const workers = {
  before: {
    namespace: env.PollBefore,
    // SAFETY: the only binding that this Worker asks for.
    worker: (request: Request) =>
      before.fetch(request, { PollServer: env.PollBefore } as unknown as Cloudflare.Env),
    path: "parties/poll-server",
  },
  moved: {
    namespace: env.PollMoved,
    worker: (request: Request) => moved.fetch(request, { PollServer: env.PollMoved }),
    path: "parties/poll-server",
  },
  typed: {
    namespace: env.PollTyped,
    worker: (request: Request) => typed.fetch(request, { PollServer: env.PollTyped }),
    path: "rooms/poll",
  },
} as const;

/** A poll of one of the three, with clients as its page opens them. */
async function pollOf(kind: keyof typeof workers, name?: string): Promise<Poll> {
  const { namespace, worker } = workers[kind];
  const room: TestRoom<undefined> = await testRoom(namespace as never, {
    through: { fetch: worker },
    ...(name !== undefined && { name }),
  });
  return { room, worker: { fetch: worker }, open: opener(kind, room) };
}

function opener(kind: keyof typeof workers, room: TestRoom<undefined>): Open {
  return (show) => {
    const { WebSocket } = room.network();
    const at = { host: "room.test", room: room.name };
    const party: PartySocketOptions = { ...at, WebSocket };
    const options: ConnectOptions = { ...at, WebSocket, clock: time.clock };
    const client = kind === "typed" ? openTyped(options, show) : openBefore(party, show);
    onTestFinished(() => client.leave());
    return client;
  };
}

function begin({ room, worker }: Poll, kind: keyof typeof workers): Promise<Response> {
  const url = `https://room.test/${workers[kind].path}/${room.name}`;
  return worker.fetch(new Request(url, { method: "POST", body: JSON.stringify(LUNCH) }));
}

/** A page that shows what it is told. */
function page(): { show: (poll: Shown) => void; shows: (poll: Partial<Shown>) => Promise<void> } {
  let shown: Shown | undefined;
  return {
    show: (poll) => (shown = poll),
    shows: (poll) => vi.waitFor(() => expect(shown).toMatchObject(poll), { timeout: 10_000 }),
  };
}

test.each(["before", "moved", "typed"] as const)(
  "[R1] the poll does the same: %s",
  async (kind) => {
    const poll = await pollOf(kind);
    expect(await (await begin(poll, kind)).json()).toMatchObject({ ...LUNCH, votes: [0, 0] });
    const [anna, ben] = [page(), page()];
    const a = poll.open(anna.show);
    const b = poll.open(ben.show);
    await Promise.all([anna.shows({ votes: [0, 0] }), ben.shows({ votes: [0, 0] })]);
    await a.vote(0);
    await ben.shows({ votes: [1, 0] });
    await poll.room.evict();
    await Promise.resolve(a.vote(1)).catch(() => undefined); // a second vote does not count
    await b.vote(1);
    await Promise.all([anna.shows({ votes: [1, 1] }), ben.shows({ votes: [1, 1] })]);
    const late = page();
    poll.open(late.show);
    await late.shows({ votes: [1, 1], open: true });
    await time.advance(10 * MINUTE);
    await Promise.all([anna, ben, late].map((each) => each.shows({ open: false })));
  },
);

test("[R8] [A24] a name that partyserver has percent-encoded is found where the route encodes it", async () => {
  const url = "https://room.test/parties/poll-server/first%20caf%C3%A9";
  const post = new Request(url, { method: "POST", body: JSON.stringify(LUNCH) });
  expect((await workers.before.worker(post)).status).toBe(200);
  // SAFETY: the route asks nothing of the objects but to fetch.
  const bindings = { PollServer: env.PollBefore as never };
  expect((await names.fetch(new Request(url), bindings)).status).toBe(200);
  expect((await moved.fetch(new Request(url), bindings)).status).toBe(404);
});

test.each([
  ["moved", "somebody votes first"],
  ["typed", "somebody votes first"],
  ["moved", "nobody comes before"],
  ["typed", "nobody comes before"],
] as const)(
  "[T13] a poll that was begun under partyserver ends at its time: %s, and %s",
  async (kind, first) => {
    const old = await pollOf("before");
    await begin(old, "before");
    const anna = page();
    old.open(anna.show).vote(0);
    await anna.shows({ votes: [1, 0] });
    const kept = await old.room.run((_room, { storage }) => storage.list());
    const due = await old.room.alarm();
    expect(due).toBe(time.now + 10 * MINUTE);
    old.room.close();

    const poll = await pollOf(kind, old.room.name);
    await poll.room.run(async (_room, { storage }) => {
      // What a deploy leaves: the storage and the alarm, written by nobody of ours.
      const own = Reflect.getPrototypeOf(storage) as DurableObjectStorage;
      await own.put.call<DurableObjectStorage, [object], Promise<void>>(
        storage,
        Object.fromEntries(kept),
      );
      await own.setAlarm.call(storage, due as number);
    });
    await poll.room.crash();
    const ben = page();
    const isVoted = first === "somebody votes first";
    const votes = [1, isVoted ? 1 : 0];
    if (isVoted) {
      await poll.open(ben.show).vote(1);
      await ben.shows({ votes, open: true });
    }
    await time.advance(10 * MINUTE);
    if (!isVoted) poll.open(ben.show);
    await ben.shows({ votes, open: false });
  },
);
