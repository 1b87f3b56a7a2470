/** The scenarios and targets there are: one for each file of their folders. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import type { Scenario } from "./scenario.ts";
import type { Target } from "./target.ts";

/** Every scenario, in the order of their names. */
export async function loadScenarios(): Promise<Scenario[]> {
  const modules = await load<{ scenario: Scenario }>("scenarios");
  return modules.map(({ scenario }) => scenario);
}

/** Every target; the baseline comes first. */
export async function loadTargets(): Promise<Target[]> {
  const modules = await load<{ target: Target }>("targets");
  const targets = modules.map(({ target }) => target);
  return targets.toSorted(
    (a, b) =>
      Number(b.name === BASELINE) - Number(a.name === BASELINE) || (a.name < b.name ? -1 : 1),
  );
}

/** What the others are compared with, where it takes part. */
export const BASELINE = "raw";

async function load<Module>(folder: string): Promise<Module[]> {
  const files = readdirSync(join(import.meta.dirname, folder)).toSorted();
  return Promise.all(files.map((file) => import(`./${folder}/${file}`) as Promise<Module>));
}
