/**
 * Members who keep messages in flight: each sends its next one when the last was acknowledged, or
 * two answer each other. What arrives is counted by scanning bytes; a sample is read properly.
 */
import type { Dialect } from "../dialect.ts";
import { joinAll, Member } from "../member.ts";
import type { LoopPlan, Outcome } from "../plan.ts";
import { Faults, quantile, sleep, stretch, until } from "./stretch.ts";

/** Connections that are opened at once. */
const OPENING = 20;
/** Every so many connections, one has its frames parsed and compared. */
const SAMPLE = 50;
/** How long the rooms may take for their first answers, in ms. */
const SLOWEST_START = 15_000;
/** How long what is still under way at the end may take to arrive, in ms. */
const DRAIN = 15_000;

/** Runs the plan. */
export async function loopLoad(
  plan: LoopPlan,
  dialect: Promise<Dialect>,
  measured: (at: "begin" | "end") => void,
): Promise<Outcome> {
  return new Loop(plan, await dialect).run(measured);
}

class Loop {
  readonly #plan: LoopPlan;
  readonly #dialect: Dialect;
  readonly #text: string;
  readonly #trips: number[] = [];
  readonly #faults = new Faults();
  readonly #checks = new Map<number, (frame: Buffer, count: number) => void>();
  #members: Member[] = [];
  #phase: "opening" | "warming" | "measuring" | "draining" = "opening";
  #deliveries = 0;
  #frames = 0;
  #acknowledged = 0;
  #sent = 0;

  constructor(plan: LoopPlan, dialect: Dialect) {
    this.#plan = plan;
    this.#dialect = dialect;
    this.#text = "x".repeat(plan.size);
  }

  async run(measured: (at: "begin" | "end") => void): Promise<Outcome> {
    const { paths, members, senders, loop, warmUp, measure } = this.#plan;
    this.#members = await joinAll(paths.length * members, OPENING, (index) => this.#join(index));
    this.#phase = "warming";
    const speaking = this.#members.filter(({ index }) =>
      loop === "turns" ? index % members === 0 : index % members < senders,
    );
    for (const member of speaking) this.#say(member);
    const isAnswered = (): boolean => speaking.every(({ acknowledged }) => acknowledged > 0);
    if (!(await until(isAnswered, SLOWEST_START))) throw new Error("A room has not answered.");
    await sleep(warmUp);
    this.#phase = "measuring";
    const before = [this.#deliveries, this.#frames, this.#acknowledged] as const;
    const time = await stretch(measured, () => sleep(measure));
    const deliveries = this.#deliveries - before[0];
    const acknowledged = this.#acknowledged - before[2];
    const perFrame = deliveries / (this.#frames - before[1]);
    this.#phase = "draining";
    await this.#drain();
    return {
      ...time,
      values: {
        deliveries: deliveries / time.seconds,
        acknowledged: acknowledged / time.seconds,
        perFrame,
        p50: quantile(this.#trips, 0.5),
        p99: quantile(this.#trips, 0.99),
      },
      units: acknowledged,
      faults: this.#faults.all,
    };
  }

  #join(index: number): Promise<Member> {
    const { origin, paths, members } = this.#plan;
    if (index % SAMPLE === 0) this.#checks.set(index, this.#checker(index));
    return Member.join({
      dialect: this.#dialect,
      url: new URL(paths[Math.floor(index / members)]!, origin),
      index,
      frame: (member, bytes, from, to) => this.#take(member, bytes, from, to),
      closed: (_member, why) => this.#faults.add(`connection ${index}: ${why}`),
    });
  }

  #take(member: Member, bytes: Buffer, from: number, to: number): void {
    const { acknowledged } = member;
    const count = this.#dialect.scan(bytes, from, to, member);
    this.#deliveries += count;
    this.#frames += 1;
    this.#checks.get(member.index)?.(bytes.subarray(from, to), count);
    const own = member.acknowledged - acknowledged;
    this.#acknowledged += own;
    if (this.#plan.loop === "turns") {
      if (count <= own) return;
      if (member.index % this.#plan.members === 0) this.#trip(member);
      this.#say(member);
    } else if (own > 0) {
      this.#trip(member);
      this.#say(member);
    }
  }

  #trip(member: Member): void {
    if (this.#phase === "measuring") this.#trips.push((performance.now() - member.sentAt) * 1_000);
  }

  #say(member: Member): void {
    if (this.#phase === "draining") return;
    this.#sent += 1;
    member.say(this.#text);
  }

  /** Compares what a frame says with what was counted in it and with what was sent. */
  #checker(index: number): (frame: Buffer, count: number) => void {
    const seen = { seq: 0 };
    const fail = (why: string): void => this.#faults.add(`connection ${index}: ${why}`);
    return (frame, count) => {
      try {
        const texts = this.#dialect.texts(frame, seen);
        if (texts.length !== count) fail(`${texts.length} messages where ${count} were counted`);
        if (texts.some((text) => text !== this.#text)) fail("another text than was sent");
      } catch (fault) {
        fail(String(fault));
      }
    };
  }

  /** Waits until everything that was sent has reached every member of its room. */
  async #drain(): Promise<void> {
    const expected = this.#sent * this.#plan.members;
    if (!(await until(() => this.#deliveries >= expected, DRAIN)) || this.#deliveries > expected)
      this.#faults.add(`${this.#deliveries} deliveries where ${expected} were due`);
    for (const member of this.#members) member.leave();
  }
}
