/** The doctor as a function, for whoever wants its findings without the command. */

export type { Finding, LineEdit } from "./finding.ts";
export type { RuleId, Severity } from "./rules.ts";
export { docsOf, RULES } from "./rules.ts";
