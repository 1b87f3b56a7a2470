/** What a check reports, and the finding that is made of it. */

import type { TextEdit } from "./edits.ts";
import type { RuleId, Severity } from "./rules.ts";
import type { TextFile } from "./text-file.ts";

/** What a check reports: a rule, a place, and what to do there. */
export interface Problem {
  readonly rule: RuleId;
  readonly file: TextFile;
  /** Offset into the file. */
  readonly at: number;
  /** What is wrong, with the actual values. */
  readonly message: string;
  /** What to do, in a sentence. */
  readonly advice: string;
  /** The exact change, where there is one. */
  readonly edits?: readonly TextEdit[] | undefined;
  /** Whether `--fix` may make that change unasked. @default false */
  readonly safe?: boolean | undefined;
  /** @default the rule's own */
  readonly severity?: Severity | undefined;
  /** @default the rule's own */
  readonly why?: string | undefined;
}

/** One finding, as it is printed and as `--json` gives it. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** Which of the nine pitfalls of hand-written rooms it is, if it is one. */
  readonly pitfall: number | null;
  /** Relative to the project's directory, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly why: string;
  readonly advice: string;
  /** Whether `--fix` makes the change. */
  readonly fixable: boolean;
  /** The lines to change, before and after; a file may be another one than the finding's. */
  readonly edits: readonly LineEdit[];
  readonly docs: string;
}

/** One change as whole lines. */
export interface LineEdit {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}
