/** Bindings that an environment was meant to inherit, and does not. */

import { addBindings } from "./config-edits.ts";
import type { Problem } from "./finding.ts";
import { memberAt, placedAt } from "./placed.ts";
import type { Worker } from "./worker.ts";

/** `environment-without-bindings`. */
export function checkEnvironments({ environment, top }: Worker): Problem[] {
  const { name, config } = environment;
  if (name === undefined || top.bindings.length === 0) return [];
  // An empty list says on purpose that there are none.
  if (placedAt(config.root, "env", name, "durable_objects")) return [];
  const names = top.bindings.map((binding) => binding.name).join(", ");
  return [
    {
      rule: "environment-without-bindings",
      file: config.file,
      at: memberAt(config.root, "env", name)?.keyStart ?? 0,
      message: `The environment ${name} has no durable_objects, and does not inherit ${names}.`,
      advice: `Repeat the bindings under env.${name}, or give it an empty list of bindings if it needs none.`,
      edits: addBindings(environment, top.bindings),
    },
  ];
}
