/** What the load generator is asked to do and what it answers, and the call that starts it. */
import { fork } from "node:child_process";
import { join } from "node:path";

import { atEnd } from "./leftovers.ts";
import type { DialectName } from "./target.ts";

/** What every kind of load is told. */
interface Common {
  /** The server, as `ws://127.0.0.1:<port>`. */
  readonly origin: string;
  /** One path for each room. */
  readonly paths: readonly string[];
  readonly dialect: DialectName;
  /** Connections to each room. */
  readonly members: number;
  /** Characters of a message's text. */
  readonly size: number;
}

/** Members who keep messages in flight: `loads/loop.ts`. */
export interface LoopPlan extends Common {
  readonly kind: "loop";
  /** How many of a room's members send; each has one message in flight. */
  readonly senders: number;
  /** `each`: a sender's next message follows its acknowledgement. `turns`: two members answer each other. */
  readonly loop: "each" | "turns";
  /** Between every room's first answer and what is measured, in ms. */
  readonly warmUp: number;
  /** How long is measured, in ms. */
  readonly measure: number;
}

/** Members who come, so many at a time, and stay: `loads/connects.ts`. */
export interface ConnectsPlan extends Common {
  readonly kind: "connects";
  readonly atOnce: number;
}

/** Members who go, miss something and come back at once: `loads/resume.ts`. */
export interface ResumePlan extends Common {
  readonly kind: "resume";
  /** Messages that each of them has missed. */
  readonly missed: number;
  readonly atOnce: number;
}

/** Members who tell where they are, at a rate of their own: `loads/presence.ts`. */
export interface PresencePlan extends Common {
  readonly kind: "presence";
  /** Times a second that a member moves. */
  readonly rate: number;
  readonly warmUp: number;
  readonly measure: number;
}

export type Plan = LoopPlan | ConnectsPlan | ResumePlan | PresencePlan;

/** What every run of load tells. */
export interface Outcome {
  /** How long was measured. */
  readonly seconds: number;
  /** What was measured, by its name; see `UNITS`. */
  readonly values: Partial<Record<Value, number>>;
  /** What a unit of the server's work is here: messages, connections, moves. */
  readonly units: number;
  /** The generator's own share of a core, 0 to 1. */
  readonly load: number;
  /** What was wrong, in words; empty when everything arrived as it should. */
  readonly faults: readonly string[];
}

/** The unit of each value that a load can measure. */
export const UNITS = {
  deliveries: "1/s",
  acknowledged: "1/s",
  connects: "1/s",
  perFrame: "messages",
  p50: "us",
  p99: "us",
  all: "ms",
  seen: "1/s",
  frames: "1/s",
  bytes: "KB/s",
} as const;

export type Value = keyof typeof UNITS;

/** What the generator tells while it runs. */
export type Report =
  | { readonly at: "begin" | "end" }
  | { readonly outcome: Outcome }
  | { readonly fault: string };

/** Longer than any load takes before and after what is measured, in ms. */
const LIMIT = 60_000;

/** Runs load in a process of its own; `tick` is called when the measured time begins and ends. */
export function runLoad(plan: Plan, tick: (at: "begin" | "end") => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "load.ts"), [], {
      execArgv: ["--max-semi-space-size=32"],
    });
    const forget = atEnd(() => child.kill("SIGKILL"));
    const limit = LIMIT + ("measure" in plan ? plan.warmUp + plan.measure : 0);
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the load generator did not end in ${Math.round(limit / 1_000)} s`));
    }, limit);
    child.on("message", (report: Report) => {
      if ("at" in report) tick(report.at);
      else if ("outcome" in report) resolve(report.outcome);
      else reject(new Error(report.fault));
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      forget();
      reject(new Error(`the load generator ended with ${signal ?? code}`)); // no effect after its outcome
    });
    child.send(plan);
  });
}
