/** What the load generator is asked to do and what it answers, and the call that starts it. */
import { fork } from "node:child_process";
import { join } from "node:path";

import type { DialectName } from "./target.ts";

/** One run of load, in the generator's own process. */
export interface Plan {
  /** The server, as `ws://127.0.0.1:<port>`. */
  readonly origin: string;
  /** One path for each room. */
  readonly paths: readonly string[];
  readonly dialect: DialectName;
  /** Connections to each room. */
  readonly members: number;
  /** How many of a room's members send; each has one message in flight. */
  readonly senders: number;
  /** `each`: a sender's next message follows its acknowledgement. `turns`: two members answer each other. */
  readonly loop: "each" | "turns";
  /** Characters of a message's text. */
  readonly size: number;
  /** Between every room's first answer and what is measured, in ms. */
  readonly warmUp: number;
  /** How long is measured, in ms. */
  readonly measure: number;
}

/** What a run has measured. */
export interface Outcome {
  readonly seconds: number;
  /** Messages that arrived at members. */
  readonly deliveries: number;
  /** Messages that arrived in one frame, on average. */
  readonly perFrame: number;
  /** Messages that their senders know to be taken. */
  readonly acknowledged: number;
  /** Round trips in microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** The generator's own share of a core, 0 to 1. */
  readonly load: number;
  /** What was wrong, in words; empty when everything arrived as it should. */
  readonly faults: readonly string[];
}

/** What the generator tells while it runs. */
export type Report = { readonly at: "begin" | "end" } | { readonly outcome: Outcome };

/** Longer than any run may take, in ms. */
const LIMIT = 60_000;

/** Runs load in a process of its own; `tick` is called when the measured time begins and ends. */
export function runLoad(plan: Plan, tick: (at: "begin" | "end") => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "load.ts"), [], {
      execArgv: ["--max-semi-space-size=32"],
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error("The load generator did not end."));
    }, LIMIT);
    child.on("message", (report: Report) => {
      if ("at" in report) tick(report.at);
      else resolve(report.outcome);
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The load generator ended with code ${code}.`)); // no effect after its outcome
    });
    child.send(plan);
  });
}
