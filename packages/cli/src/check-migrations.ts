/** Bindings against the migrations or `exports` that create their classes. */

import { exportedNames } from "./code.ts";
import { addExport, addMigration } from "./config-edits.ts";
import type { Problem } from "./finding.ts";
import { nearest } from "./nearest.ts";
import type { Worker } from "./worker.ts";

/** `binding-without-migration`. */
export function checkMigrations(worker: Worker): Problem[] {
  const { environment } = worker;
  const lacking = environment.bindings.filter(
    ({ script, className }) =>
      script === undefined && !environment.classes.has(className) && !misspelt(worker, className),
  );
  const names = [...new Set(lacking.map(({ className }) => className))];
  return lacking.map((binding) => ({
    rule: "binding-without-migration",
    file: environment.config.file,
    at: binding.classAt?.start ?? 0,
    message: environment.usesExports
      ? `${binding.name} binds the class ${binding.className}, which is not in exports.`
      : `${binding.name} binds the class ${binding.className}, which no migration creates.`,
    advice: environment.usesExports
      ? `Add ${binding.className} to exports, with storage "sqlite".`
      : `Add a migration that lists ${binding.className} under new_sqlite_classes.`,
    edits: environment.usesExports
      ? addExport(environment, binding.className)
      : addMigration(environment, names),
    safe: true,
  }));
}

/** A name that the Worker does not export is another rule's to report, and so is a misspelt migration. */
function misspelt({ environment, program }: Worker, name: string): boolean {
  if (!program) return nearest(name, environment.classes.keys()) !== undefined;
  const exported = exportedNames(program.code, program.code.entry);
  if (exported.open) return false;
  if (!exported.names.has(name)) return true;
  const wrong = [...environment.classes.keys()].filter((declared) => !exported.names.has(declared));
  return nearest(name, wrong) !== undefined;
}
