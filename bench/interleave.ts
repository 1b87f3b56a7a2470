/** Timed scenarios: the same load on every target in turn, again and again in one run. */
import { Doubts } from "./doubts.ts";
import type { Fleet } from "./fleet.ts";
import { busySeconds, calm } from "./machine.ts";
import { type Outcome, type Plan, runLoad, UNITS, type Value } from "./plan.ts";
import { GENERATOR, type Sample } from "./results.ts";
import { type Bench, inTurn, Repetitions, Standing } from "./scenario.ts";
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

/** Runs a shape `reps` times over all targets, as `inTurn` orders them. */
export async function interleave<Kind extends Plan>(
  name: string,
  shape: Shape<Kind>,
  bench: Bench,
  { targets, fleet }: { targets: readonly Target[]; fleet: Fleet } = bench,
): Promise<Sample[]> {
  const { settings, progress, warn } = bench;
  const samples: Sample[] = [];
  const doubts = new Doubts(name);
  const standing = new Standing(name, bench);
  const measure = async (target: Target, rep: number): Promise<Sample[]> => {
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
    const [begin = Number.NaN, end = Number.NaN] = cpu;
    const used = end - begin; // not a number where the system does not tell
    doubts.note(target.name, outcome.load, elsewhere(machine, used, outcome));
    const empty = shape.metrics.filter(([value]) => !Number.isFinite(outcome.values[value] ?? NaN));
    for (const [, metric] of empty)
      warn(`${name}, ${target.name}: a repetition has nothing for "${metric}"; more --seconds?`);
    const sample = (metric: string, unit: string, value: number): Sample => ({
      target: target.name,
      metric,
      unit,
      value,
    });
    return [
      ...shape.metrics.map(([value, metric]) =>
        sample(metric, UNITS[value], outcome.values[value] ?? Number.NaN),
      ),
      sample(`server processor time ${shape.unit}`, "us", (used * 1e6) / outcome.units),
      sample(GENERATOR, "% of a core", outcome.load * 100),
    ];
  };
  const repetitions = new Repetitions(name, bench);
  for (let rep = 0; repetitions.goesOn(rep); rep++) {
    for (const target of inTurn(targets, rep)) {
      progress(`${name}: repetition ${rep + 1} of ${settings.reps}, ${target.name}`);
      samples.push(...(await standing.ask(target, fleet.of(target), () => measure(target, rep))));
    }
  }
  doubts.lines.forEach(warn);
  return standing.of(samples);
}

/** The system counts in hundredths of a second: of less than this, in seconds, it tells nothing. */
const TELLING = 0.1;

/** Cores that neither the server nor the generator used; 0 where the system does not tell. */
function elsewhere(
  [begin, end]: readonly (number | undefined)[],
  server: number,
  { seconds, load }: Outcome,
): number {
  if (begin === undefined || end === undefined || Number.isNaN(server)) return 0;
  if (seconds < TELLING) return 0;
  return (end - begin - server) / seconds - load;
}
