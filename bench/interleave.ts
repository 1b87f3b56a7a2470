/** Timed scenarios: the same load on every target in turn, again and again in one run. */
import type { Fleet } from "./fleet.ts";
import { busySeconds, calm } from "./machine.ts";
import { type Outcome, type Plan, runLoad, UNITS, type Value } from "./plan.ts";
import { GENERATOR, type Sample } from "./results.ts";
import { type Bench, Repetitions } from "./scenario.ts";
import { cpuOf, quiet } from "./server.ts";
import { pathOf, type Target } from "./target.ts";

/** The load of a scenario, and what is read off it. */
export interface Shape<Kind extends Plan> {
  /** The plan, less what depends on the target. */
  readonly plan: Omit<Kind, "origin" | "paths" | "dialect" | "size">;
  readonly rooms: number;
  /** What is told of an outcome, and how it is called. */
  readonly metrics: readonly (readonly [value: Value, name: string])[];
  /** What the server's processor time is told for. */
  readonly unit: string;
}

/** A generator busier than this share of a core measures itself. */
const BUSY = 0.85;
/** Cores used by processes that have nothing to do with the bench: above this, it disturbs. */
const DISTURBING = 0.2;

/** Runs a shape `reps` times over all targets; the order of the targets rotates. */
export async function interleave<Kind extends Plan>(
  name: string,
  shape: Shape<Kind>,
  bench: Bench,
  { targets, fleet }: { targets: readonly Target[]; fleet: Fleet } = bench,
): Promise<Sample[]> {
  const { settings, progress, warn } = bench;
  const samples: Sample[] = [];
  const busy = new Map<string, number>();
  let others = 0;
  const repetitions = new Repetitions(name, bench);
  for (let rep = 0; repetitions.goesOn(rep); rep++) {
    for (let turn = 0; turn < targets.length; turn++) {
      const target = targets[(turn + rep) % targets.length]!;
      progress(`${name}: repetition ${rep + 1} of ${settings.reps}, ${target.name}`);
      const server = fleet.of(target);
      // SAFETY: the shape's plan and these are together a plan of its kind.
      const plan = {
        ...shape.plan,
        origin: server.url.origin.replace("http", "ws"),
        paths: Array.from({ length: shape.rooms }, (_, room) =>
          pathOf(target, `${name}-${rep}-${room}`),
        ),
        dialect: target.dialect,
        size: settings.size,
      } as unknown as Plan;
      const cpu: (number | undefined)[] = [];
      const machine: (number | undefined)[] = [];
      await quiet(server);
      await calm(settings.calm);
      const outcome = await runLoad(plan, () => {
        cpu.push(cpuOf(server));
        machine.push(busySeconds());
      });
      for (const fault of outcome.faults) warn(`${name}, ${target.name}: ${fault}`);
      if (outcome.load > BUSY)
        busy.set(target.name, Math.max(outcome.load, busy.get(target.name) ?? 0));
      for (const [value, metric] of shape.metrics) {
        samples.push({
          target: target.name,
          metric,
          unit: UNITS[value],
          value: outcome.values[value] ?? 0,
        });
      }
      const [begin, end] = cpu;
      if (begin !== undefined && end !== undefined && outcome.units > 0) {
        const value = ((end - begin) * 1e6) / outcome.units;
        const metric = `server processor time ${shape.unit}`;
        samples.push({ target: target.name, metric, unit: "us", value });
        others = Math.max(others, elsewhere(machine, end - begin, outcome));
      }
      samples.push({
        target: target.name,
        metric: GENERATOR,
        unit: "% of a core",
        value: outcome.load * 100,
      });
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
