/** What is asked of the targets: a scenario is one file in `scenarios/`. */
import type { Sample } from "./results.ts";
import type { Target } from "./target.ts";
import type { Server } from "./workerd.ts";

/** What the command line says. */
export interface Settings {
  readonly reps: number;
  /** How long one repetition measures one target. */
  readonly seconds: number;
  /** How long to wait before each repetition until nothing else uses the machine, in seconds. */
  readonly calm: number;
  /** Members of the room, where a scenario lets that be chosen. */
  readonly members: number | undefined;
  /** Messages in flight, where a scenario lets that be chosen. */
  readonly inFlight: number | undefined;
  /** Characters of a message's text. */
  readonly size: number;
}

/** What a scenario works with. */
export interface Bench {
  readonly settings: Settings;
  readonly server: Server;
  readonly targets: readonly Target[];
  /** Tells whoever waits how far it has come. */
  progress(line: string): void;
  /** Says what the reader of the figures must know. */
  warn(line: string): void;
}

/** One question. */
export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  /** Repetitions where the command line names none. */
  readonly reps: number;
  /** What it measured, in the order in which it is shown. */
  run(bench: Bench): Promise<Sample[]>;
}
