/** Timed scenarios: the same load on every target in turn, again and again in one run. */
import { busySeconds, calm } from "./machine.ts";
import { type Outcome, type Plan, runLoad } from "./plan.ts";
import type { Sample } from "./results.ts";
import type { Bench } from "./scenario.ts";

/** The part of a plan that makes the scenario. */
export interface Shape extends Pick<Plan, "members" | "senders" | "loop"> {
  readonly rooms: number;
  /** What is measured of an outcome, with its unit. */
  readonly metrics: readonly (readonly [metric: Metric, name: string])[];
}

type Metric = keyof typeof UNITS;

const UNITS = {
  deliveries: "1/s",
  acknowledged: "1/s",
  perFrame: "messages",
  p50: "us",
  p99: "us",
} as const;

/** A generator busier than this share of a core measures itself. */
const BUSY = 0.85;
/** Cores used by processes that have nothing to do with the bench: above this, it disturbs. */
const DISTURBING = 0.2;
const WARM_UP = 500;

/** Runs a shape `reps` times over all targets; the order of the targets rotates. */
export async function interleave(name: string, shape: Shape, bench: Bench): Promise<Sample[]> {
  const { targets, settings, progress, warn } = bench;
  const samples: Sample[] = [];
  const busy = new Map<string, number>();
  let others = 0;
  for (let rep = 0; rep < settings.reps; rep++) {
    for (let turn = 0; turn < targets.length; turn++) {
      const target = targets[(turn + rep) % targets.length]!;
      progress(`${name}: repetition ${rep + 1} of ${settings.reps}, ${target.name}`);
      const paths = Array.from(
        { length: shape.rooms },
        (_, room) => `/${target.room}/${name}-${rep}-${room}`,
      );
      const plan: Plan = {
        origin: bench.server.url.origin.replace("http", "ws"),
        paths,
        dialect: target.dialect,
        members: shape.members,
        senders: shape.senders,
        loop: shape.loop,
        size: settings.size,
        warmUp: WARM_UP,
        measure: settings.seconds * 1_000,
      };
      const cpu: (number | undefined)[] = [];
      const machine: (number | undefined)[] = [];
      await calm(settings.calm);
      const outcome = await runLoad(plan, () => {
        cpu.push(bench.server.cpu());
        machine.push(busySeconds());
      });
      for (const fault of outcome.faults) warn(`${name}, ${target.name}: ${fault}`);
      if (outcome.load > BUSY)
        busy.set(target.name, Math.max(outcome.load, busy.get(target.name) ?? 0));
      const { seconds } = outcome;
      for (const [metric, label] of shape.metrics) {
        const unit = UNITS[metric];
        const value = unit === "1/s" ? outcome[metric] / seconds : outcome[metric];
        samples.push({ target: target.name, metric: label, unit, value });
      }
      const [begin, end] = cpu;
      if (begin !== undefined && end !== undefined && outcome.acknowledged > 0) {
        const value = ((end - begin) * 1e6) / outcome.acknowledged;
        const metric = "server processor time a message";
        samples.push({ target: target.name, metric, unit: "us", value });
        others = Math.max(others, elsewhere(machine, end - begin, outcome));
      }
    }
  }
  if (others > DISTURBING) {
    warn(`${name}: other processes used up to ${others.toFixed(1)} cores meanwhile.`);
  }
  for (const [target, share] of busy) {
    warn(
      `${name}, ${target}: the load generator used ${Math.round(share * 100)} % of a core; the target could do more.`,
    );
  }
  return samples;
}

/** Cores that neither the server nor the generator used. */
function elsewhere(
  [begin, end]: readonly (number | undefined)[],
  server: number,
  { seconds, load }: Outcome,
): number {
  return begin === undefined || end === undefined ? 0 : (end - begin - server) / seconds - load;
}
