/**
 * `// greenroom-ignore <rule>: reason`, on the line or on the one before it, says that somebody has looked.
 * It works in source, in JSONC and, behind a `#`, in TOML.
 */

import type { Problem } from "./finding.ts";
import { lineText, placeOf } from "./text-file.ts";

/** Whether a comment beside a problem's place takes it back. */
export function isSuppressed({ rule, file, at }: Problem): boolean {
  const { line } = placeOf(file, at);
  return [lineText(file, line), lineText(file, line - 1)].some((text) => {
    const rules = /(?:\/\/|#|\/\*)\s*greenroom-ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)/.exec(text)?.[1];
    return rules?.split(/\s*,\s*/).includes(rule) ?? false;
  });
}
