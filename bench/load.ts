// The load generator, in a process of its own: opens the connections of a plan, keeps every sender's
// one message in flight, counts what arrives by scanning bytes, and checks a sample properly.
import { once } from "node:events";

import { WebSocket } from "ws";

import { type Dialect, loadDialect, type Speaker } from "./dialect.ts";
import type { Outcome, Plan, Report } from "./plan.ts";

/** Connections that are opened at once. */
const OPENING = 20;
/** Every so many connections, one has its frames parsed and compared. */
const SAMPLE = 50;
/** How long the rooms may take for their first answers, in ms. */
const SLOWEST_START = 15_000;
/** How long what is still under way at the end may take to arrive, in ms. */
const DRAIN = 5_000;

interface Member extends Speaker {
  readonly socket: WebSocket;
  /** The member who sends when this one has received; itself where everyone loops alone. */
  readonly sends: boolean;
  sentAt: number;
}

class Load {
  readonly #plan: Plan;
  readonly #dialect: Dialect;
  readonly #text: string;
  readonly #members: Member[] = [];
  readonly #trips: number[] = [];
  readonly #faults: string[] = [];
  #phase: "opening" | "warming" | "measuring" | "draining" = "opening";
  #deliveries = 0;
  #frames = 0;
  #acknowledged = 0;
  #sent = 0;

  constructor(plan: Plan, dialect: Dialect) {
    this.#plan = plan;
    this.#dialect = dialect;
    this.#text = "x".repeat(plan.size);
  }

  async run(): Promise<Outcome> {
    const { warmUp, measure, loop, members } = this.#plan;
    await this.#open();
    this.#phase = "warming";
    for (const member of this.#members) {
      if (loop === "turns" ? member.index % members === 0 : member.sends) this.#send(member);
    }
    await this.#answered();
    await sleep(warmUp);
    this.#phase = "measuring";
    report({ at: "begin" });
    const before = {
      deliveries: this.#deliveries,
      frames: this.#frames,
      acknowledged: this.#acknowledged,
    };
    const cpu = process.cpuUsage();
    const began = performance.now();
    await sleep(measure);
    const seconds = (performance.now() - began) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const deliveries = this.#deliveries - before.deliveries;
    const frames = this.#frames - before.frames;
    const acknowledged = this.#acknowledged - before.acknowledged;
    report({ at: "end" });
    this.#phase = "draining";
    await this.#drain();
    const trips = this.#trips.toSorted((a, b) => a - b);
    return {
      seconds,
      deliveries,
      perFrame: deliveries / frames,
      acknowledged,
      p50: quantile(trips, 0.5),
      p99: quantile(trips, 0.99),
      load: (user + system) / 1e6 / seconds,
      faults: this.#faults,
    };
  }

  /** Waits until every sender has been answered: the rooms exist, and their first writes are done. */
  async #answered(): Promise<void> {
    const until = performance.now() + SLOWEST_START;
    while (this.#members.some((member) => member.sent > 0 && member.acknowledged === 0)) {
      if (performance.now() > until) throw new Error("A room has not answered.");
      await sleep(10);
    }
  }

  async #open(): Promise<void> {
    const { paths, members } = this.#plan;
    const places = paths.flatMap((path) => Array.from({ length: members }, () => path));
    for (let from = 0; from < places.length; from += OPENING) {
      const some = places.slice(from, from + OPENING);
      await Promise.all(some.map((path, index) => this.#connect(path, from + index)));
    }
  }

  async #connect(path: string, index: number): Promise<void> {
    const socket = new WebSocket(this.#plan.origin + path, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    const sends = index % this.#plan.members < this.#plan.senders;
    const member: Member = { index, socket, sends, sent: 0, acknowledged: 0, sentAt: 0 };
    this.#members.push(member);
    const isIn = once(socket, this.#dialect.greets ? "message" : "open");
    const fail = (why: string): void => {
      if (this.#faults.length < 5) this.#faults.push(`connection ${index}: ${why}`);
    };
    socket.on("error", ({ message }) => fail(message));
    socket.on("close", (code) => fail(`closed with ${code}`));
    await isIn;
    const check = index % SAMPLE === 0 ? this.#checker(fail) : undefined;
    socket.on("message", (frame: Buffer) => {
      const { acknowledged } = member;
      const count = this.#dialect.scan(frame, member);
      this.#deliveries += count;
      this.#frames += 1;
      check?.(frame, count);
      this.#next(member, member.acknowledged - acknowledged, count);
    });
  }

  /** Goes on with the loop: `own` messages of the member were acknowledged, `count` arrived. */
  #next(member: Member, own: number, count: number): void {
    this.#acknowledged += own;
    if (this.#plan.loop === "turns") {
      if (count <= own) return;
      const isFirst = member.index % this.#plan.members === 0;
      if (isFirst) this.#trip(member);
      this.#send(member);
    } else if (own > 0) {
      this.#trip(member);
      this.#send(member);
    }
  }

  #trip(member: Member): void {
    if (this.#phase === "measuring") this.#trips.push((performance.now() - member.sentAt) * 1_000);
  }

  #send(member: Member): void {
    if (this.#phase === "draining") return;
    member.sent += 1;
    this.#sent += 1;
    member.sentAt = performance.now();
    member.socket.send(this.#dialect.message(member, this.#text));
  }

  /** Compares what a frame says with what was counted in it and with what was sent. */
  #checker(fail: (why: string) => void): (frame: Buffer, count: number) => void {
    const seen = { seq: 0 };
    return (frame, count) => {
      try {
        const texts = this.#dialect.texts(frame.toString(), seen);
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
    const until = performance.now() + DRAIN;
    while (this.#deliveries < expected && performance.now() < until) await sleep(10);
    if (this.#deliveries !== expected)
      this.#faults.push(`${this.#deliveries} deliveries where ${expected} were due`);
    for (const { socket } of this.#members) {
      socket.removeAllListeners("close");
      socket.terminate();
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

function report(what: Report): void {
  process.send?.(what);
}

process.once("message", (plan: Plan) => {
  void (async () => {
    const outcome = await new Load(plan, await loadDialect(plan.dialect)).run();
    report({ outcome });
    process.disconnect?.();
  })();
});
