/** Carries out a plan of faults while a run goes on: each when so many messages have been answered. */
import type { Fault, FaultCounts, PlannedFault } from "./fault-plan.ts";
import type { FaultProxy } from "./fault-proxy.ts";
import type { Link } from "./link.ts";

/** How often it is looked for a connection to do something to, in ms. */
const LOOK_AGAIN = 10;

/** What an injector works on. */
export interface InjectorOptions {
  readonly plan: readonly PlannedFault[];
  readonly proxy: FaultProxy;
  /** Kills the server; resolves when it is back. */
  readonly kill: () => Promise<void>;
}

/** One run's faults. */
export class FaultInjector {
  /** How often each kind of fault has happened so far. */
  readonly counts: Record<keyof FaultCounts, number> = {
    kills: 0,
    cuts: 0,
    stalls: 0,
    delays: 0,
    halfOpens: 0,
    refusals: 0,
    blackouts: 0,
    lateHandshakes: 0,
  };
  readonly #options: InjectorOptions;
  readonly #waiting: PlannedFault[];
  #answered = 0;
  #stopped = false;
  #injecting = false;
  #killing = 0;
  #kills: Promise<void> = Promise.resolve();
  /** Why the server did not come back. */
  #failure: unknown;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#waiting = [...options.plan];
  }

  /** So many messages have been answered. */
  advance(answered: number): void {
    this.#answered = answered;
    if (!this.#injecting) void this.#inject();
  }

  /** Whether all of the plan has happened, and the server is there. */
  get isDone(): boolean {
    return this.#waiting.length === 0 && !this.#injecting && this.#killing === 0;
  }

  /** Why the server did not come back; `undefined` while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #inject(): Promise<void> {
    this.#injecting = true;
    for (let next = this.#waiting[0]; next && !this.#stopped; next = this.#waiting[0]) {
      if (next.after > this.#answered) break;
      this.#waiting.shift();
      await this.#happen(next.fault);
    }
    this.#injecting = false;
  }

  async #happen(fault: Fault): Promise<void> {
    const { proxy } = this.#options;
    switch (fault.kind) {
      case "kills":
        // One at a time, but the other faults go on while the server is away.
        this.#kills = this.#kill(this.#kills);
        break;
      case "cuts":
        (await this.#link(fault.pick))?.cut(fault.cut);
        break;
      case "stalls":
        (await this.#link(fault.pick))?.stall(fault.ms);
        break;
      case "delays":
        (await this.#link(fault.pick))?.delay(fault.latency, fault.ms);
        break;
      case "halfOpens":
        (await this.#link(fault.pick))?.halfOpen(fault.dead);
        break;
      case "refusals":
        proxy.refuse(fault.ms);
        break;
      case "blackouts":
        proxy.blackOut(fault.ms);
        break;
      case "lateHandshakes":
        proxy.stallNext(fault.ms);
        break;
      default:
        fault satisfies never;
    }
    this.counts[fault.kind] += 1;
  }

  async #kill(earlier: Promise<void>): Promise<void> {
    this.#killing += 1;
    await earlier;
    try {
      await this.#options.kill();
    } catch (fault) {
      this.#failure = fault;
    }
    this.#killing -= 1;
  }

  /** A connection that is whole; waits until there is one. */
  async #link(pick: number): Promise<Link | undefined> {
    while (!this.#stopped) {
      const { links } = this.#options.proxy;
      const link = links[Math.floor(pick * links.length)];
      if (link) return link;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
    return undefined;
  }
}
