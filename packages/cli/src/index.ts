/** The doctor as a function, for whoever wants its findings without the command. */

export type { Diagnosis, DoctorOptions } from "./doctor.ts";
export { diagnose } from "./doctor.ts";
export { DoctorError } from "./doctor-error.ts";
export type { Finding, LineEdit } from "./finding.ts";
export type { Rule, RuleId, Severity } from "./rules.ts";
export { docsOf, RULES } from "./rules.ts";
