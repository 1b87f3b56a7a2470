/** What grows with what: a curve is one file in `curves/`. */
import type { Workerd } from "../workerd.ts";
import type { Order, Point } from "./order.ts";

/** One cost along a curve. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** How fast it may grow at most. */
  readonly allowed: Order;
  /** Why it may, where that is faster than constant. */
  readonly because?: string;
}

/** What a curve works with. */
export interface Growing {
  readonly server: Workerd;
  /** Ends the server and starts another on the same storage; its memory is new. */
  restart(): Promise<Workerd>;
  /** How far it goes: the values of `x`, in order. */
  readonly steps: readonly number[];
  progress(line: string): void;
}

/** One thing that becomes more. */
export interface Curve {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  /** What `x` counts. */
  readonly counts: string;
  readonly steps: readonly number[];
  readonly measures: readonly Measure[];
  /** Values of each measure at each step, by its name. */
  run(growing: Growing): Promise<Record<string, Point[]>>;
}

/** Gathers points by the names of their measures. */
export class Points {
  readonly all: Record<string, Point[]> = {};

  add(x: number, values: Readonly<Record<string, number | undefined>>): void {
    for (const [name, y] of Object.entries(values)) {
      if (y !== undefined) (this.all[name] ??= []).push({ x, y });
    }
  }
}
