/** What is asked of the targets: a scenario is one file in `scenarios/`. */
import { causeOf } from "./command-line.ts";
import type { Fleet } from "./fleet.ts";
import type { Sample } from "./results.ts";
import { hasEnded, type Server } from "./server.ts";
import type { Target } from "./target.ts";

/** What the command line says. */
export interface Settings {
  readonly reps: number;
  /** How long one repetition measures one target. */
  readonly seconds: number;
  /** How long the repetitions of one load may take together, in seconds. */
  readonly limit: number;
  /** How long to wait before each repetition until nothing else uses the machine, in seconds. */
  readonly calm: number;
  /** Members of the room, where a scenario lets that be chosen. */
  readonly members: number | undefined;
  /** Messages in flight, where a scenario lets that be chosen. */
  readonly inFlight: number | undefined;
  /** Entries that a log has, where a scenario lets that be chosen. */
  readonly entries: number | undefined;
  /** Rooms, where a scenario lets that be chosen. */
  readonly rooms: number | undefined;
  /** Characters of a message's text. */
  readonly size: number;
}

/** What a scenario works with. */
export interface Bench {
  readonly settings: Settings;
  readonly fleet: Fleet;
  readonly targets: readonly Target[];
  /** How long a timed load warms up, and is measured, in ms. */
  readonly times: { readonly warmUp: number; readonly measure: number };
  /** Tells whoever waits how far it has come. */
  progress(line: string): void;
  /** Says what the reader of the figures must know. */
  warn(line: string): void;
  /** Says which target could not be measured, and why; the command ends with 1. */
  failed(target: string, line: string): void;
}

/** One question. */
export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  /** Repetitions where the command line names none. */
  readonly reps: number;
  /** Which of the options that say how much it takes; the others have no effect on it. */
  readonly takes?: readonly ("members" | "in-flight" | "rooms" | "entries")[];
  /** What ratios are to, where it is not the run's baseline. */
  readonly baseline?: string;
  /** What it measured, in the order in which it is shown. */
  run(bench: Bench): Promise<Sample[]>;
}

/** Counts repetitions, and says when the next one would take longer than is allowed. */
export class Repetitions {
  readonly #name: string;
  readonly #bench: Bench;
  readonly #began = performance.now();

  constructor(name: string, bench: Bench) {
    this.#name = name;
    this.#bench = bench;
  }

  /** Whether repetition `rep`, counted from 0, is to begin; the first always is. */
  goesOn(rep: number): boolean {
    const { settings, warn } = this.#bench;
    if (rep === settings.reps) return false;
    const seconds = (performance.now() - this.#began) / 1_000;
    if (rep === 0 || (seconds / rep) * (rep + 1) <= settings.limit) return true;
    warn(
      `${this.#name}: ${rep} of ${settings.reps} repetitions in ${Math.round(seconds)} s (--limit).`,
    );
    return false;
  }
}

/** The targets that still stand: one that fails is told in a line, and has no figures in the scenario. */
export class Standing {
  readonly #name: string;
  readonly #bench: Bench;
  readonly #fallen = new Set<string>();

  constructor(name: string, bench: Bench) {
    this.#name = name;
    this.#bench = bench;
  }

  /** Measures a target; gives nothing where it fails now, or has before. */
  async ask(
    { name }: Target,
    server: Server | undefined,
    measure: () => Promise<Sample[]>,
  ): Promise<Sample[]> {
    if (this.#fallen.has(name)) return [];
    try {
      if (server && hasEnded(server)) throw new Error("its server has ended");
      const samples = await measure();
      if (server && hasEnded(server)) throw new Error("its server ended meanwhile");
      return samples;
    } catch (wrong) {
      this.#fallen.add(name);
      const why = server && hasEnded(server) ? "its server has ended" : causeOf(wrong);
      this.#bench.failed(name, `${this.#name}, ${name} is left out: ${why}.${hintOn(why)}`);
      return [];
    }
  }

  /** The samples of those that stand. */
  of(samples: readonly Sample[]): Sample[] {
    return samples.filter(({ target }) => !this.#fallen.has(target));
  }
}

/** Each connection is a file for the system, or two: a server that can open no more lets the next ones go. */
function hintOn(why: string): string {
  const isFull = /EMFILE|ECONNRESET|the connection ended/.test(why);
  return isFull ? " With many members: is `ulimit -n` large enough?" : "";
}

/**
 * The targets in the order of one repetition: another begins each time, and every other time they go
 * backwards, so that none has always the same neighbour.
 */
export function inTurn<T>(targets: readonly T[], rep: number): T[] {
  const from = rep % Math.max(targets.length, 1);
  const turned = [...targets.slice(from), ...targets.slice(0, from)];
  return rep % 2 === 0 ? turned : turned.toReversed();
}
