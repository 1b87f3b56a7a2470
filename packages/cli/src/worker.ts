/** A Worker as it is deployed to one environment: its settings together with the code that they name. */

import { existsSync, statSync } from "node:fs";

import type { ClassInfo } from "./classes.ts";
import { classesOf } from "./classes.ts";
import type { Code } from "./code.ts";
import { readCode } from "./code.ts";
import type { Environment } from "./environment.ts";

/** One environment with its code; without code only the configuration can be checked. */
export interface Worker {
  readonly environment: Environment;
  /** The top level, whose bindings an environment does not inherit. */
  readonly top: Environment;
  readonly program: WorkerProgram | undefined;
}

/** The code behind one `main`. */
export interface WorkerProgram {
  readonly code: Code;
  readonly classes: readonly ClassInfo[];
}

/** Reads the code of each environment, each `main` once. */
export function workersOf(
  environments: readonly Environment[],
  top: Environment,
): { readonly workers: readonly Worker[]; readonly notes: readonly string[] } {
  const programs = new Map<string, WorkerProgram | undefined>();
  const notes: string[] = [];
  for (const main of new Set(environments.map((environment) => environment.main))) {
    if (main === undefined) {
      notes.push("The configuration has no `main`: only the configuration was checked.");
      continue;
    }
    if (!existsSync(main) || !statSync(main).isFile()) {
      notes.push(
        `${main} is not there (it may have to be built first): only the configuration was checked.`,
      );
      continue;
    }
    const code = readCode(main);
    if (typeof code === "string") {
      notes.push(`${code}: only the configuration was checked.`);
      continue;
    }
    notes.push(...code.notes);
    const bound = environments.flatMap((environment) =>
      environment.main === main ? ownClassNames(environment) : [],
    );
    programs.set(main, { code, classes: classesOf(code, new Set(bound)) });
  }
  const workers = environments.map((environment) => ({
    environment,
    top,
    program: environment.main === undefined ? undefined : programs.get(environment.main),
  }));
  return { workers, notes };
}

/** The classes that an environment expects in its own Worker. */
function ownClassNames({ bindings, classes }: Environment): string[] {
  const bound = bindings.flatMap(({ script, className }) =>
    script === undefined ? [className] : [],
  );
  return [...bound, ...classes.keys()];
}
