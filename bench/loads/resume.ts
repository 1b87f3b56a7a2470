/** Members who go, miss something, and all come back at once: how long until each has all of it. */
import { type Dialect, loadDialect, type Returning } from "../dialect.ts";
import { joinAll, Member } from "../member.ts";
import type { Outcome, ResumePlan } from "../plan.ts";
import { Faults, quantile, stretch, until } from "./stretch.ts";

/** Messages that are told together while nobody is there. */
const TOGETHER = 10;
/** How long anything here may take, in ms. */
const SLOWEST = 20_000;

/** A client over two connections. */
interface Client {
  readonly returning: Returning;
  messages: number;
  /** When it dialed, and when it had everything, in ms. */
  dialed: number;
  done: number;
}

/** Runs the plan. */
export async function resumeLoad(
  plan: ResumePlan,
  measured: (at: "begin" | "end") => void,
): Promise<Outcome> {
  const { origin, paths, members, atOnce, missed, size } = plan;
  const dialect = await loadDialect(plan.dialect);
  const faults = new Faults();
  const url = new URL(paths[0]!, origin);
  const clients = Array.from({ length: members }, (): Client => ({
    returning: returningOf(dialect),
    messages: 0,
    dialed: 0,
    done: 0,
  }));
  const come = (index: number): Promise<Member> => {
    const client = clients[index]!;
    const { returning } = client;
    client.messages = 0;
    client.dialed = performance.now();
    const take = (frame: Buffer): void => {
      try {
        client.messages += returning.note(frame);
      } catch (fault) {
        faults.add(`client ${index}: ${String(fault)}`);
      }
      if (client.messages === missed && client.done === 0) client.done = performance.now();
    };
    const { url: address, protocols } = returning.dial(url);
    return Member.join({
      dialect: returning.join ? { ...dialect, join: (frame) => returning.join!(frame) } : dialect,
      url: address,
      index,
      ...(protocols && { protocols }),
      joined: (_member, frame) => take(frame),
      frame: (_member, bytes, from, to) => take(bytes.subarray(from, to)),
      closed: (_member, why) => faults.add(`client ${index}: ${why}`),
    });
  };

  const first = await joinAll(members, atOnce, come);
  const teller = await Member.join({
    dialect,
    url,
    index: members,
    frame: (member, bytes, from, to) => void dialect.scan(bytes, from, to, member),
    closed: (_member, why) => faults.add(`the teller: ${why}`),
  });
  const tell = async (count: number): Promise<void> => {
    teller.sayMany("x".repeat(size), count);
    if (!(await until(() => teller.acknowledged >= teller.sent, SLOWEST)))
      throw new Error("The teller was not answered.");
  };
  await tell(1);
  if (!(await until(() => clients.every(({ messages }) => messages === 1), SLOWEST)))
    throw new Error("The first message has not reached everyone.");
  for (const member of first) member.leave();
  for (let told = 0; told < missed; told += TOGETHER) await tell(TOGETHER);

  let second: Member[] = [];
  const time = await stretch(measured, async () => {
    second = await joinAll(members, atOnce, come);
    await until(() => clients.every(({ done }) => done > 0), SLOWEST);
  });
  const late = clients.filter(({ done }) => done === 0).length;
  if (late > 0) {
    const why = faults.all[0] === undefined ? "" : ` (${faults.all[0]})`;
    throw new Error(`${late} of ${members} have not got everything in ${SLOWEST / 1_000} s${why}`);
  }
  for (const [index, { messages }] of clients.entries())
    if (messages !== missed) faults.add(`client ${index}: ${messages} of ${missed} messages`);
  for (const member of [teller, ...second]) member.leave();
  const trips = clients.map(({ dialed, done }) => (done - dialed) * 1_000);
  return {
    ...time,
    values: {
      all: time.seconds * 1_000,
      p50: quantile(trips, 0.5),
      p99: quantile(trips, 0.99),
    },
    units: members,
    faults: faults.all,
  };
}

function returningOf(dialect: Dialect): Returning {
  if (!dialect.returning) throw new Error("Clients of this kind cannot come back.");
  return dialect.returning();
}
