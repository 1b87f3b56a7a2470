/**
 * Everything that the doctor knows to look for: one frozen table of rules.
 *
 * Each rule has a section of the same name in `docs/guide/doctor.md`; a test holds both to each other.
 */

/** Where each rule is explained. */
const DOCTOR_PAGE = "docs/guide/doctor.md";

/** The name of a rule. */
export type RuleId =
  | "config-invalid"
  | "compatibility-date"
  | "node-async-hooks"
  | "new-classes-with-sql"
  | "class-missing"
  | "class-not-exported"
  | "binding-without-migration"
  | "environment-without-bindings"
  | "route-without-room"
  | "room-without-route"
  | "options-not-static"
  | "hibernate-off"
  | "timer-in-room"
  | "state-in-field"
  | "socket-accept"
  | "one-alarm-slot"
  | "raw-alarm"
  | "delete-all"
  | "entry-point-without-super";

/** What is the same for every finding of a rule. */
export interface Rule {
  readonly severity: Severity;
  /** Why it matters. */
  readonly why: string;
  /** Which of the nine pitfalls of hand-written rooms it is, in `docs/guide/pitfalls.md`. */
  readonly pitfall?: number;
}

/** Every rule. */
export const RULES: Readonly<Record<RuleId, Rule>> = Object.freeze({
  // The wrangler configuration.
  "config-invalid": {
    severity: "error",
    why: "Wrangler refuses the configuration, so neither `wrangler dev` nor a deploy starts.",
  },
  "compatibility-date": {
    severity: "error",
    why: "The runtime behaves as it did on that day: what came later is switched off.",
    pitfall: 7,
  },
  "node-async-hooks": {
    severity: "error",
    why: "Greenroom needs `node:async_hooks`; a room refuses to start without it.",
  },
  "new-classes-with-sql": {
    severity: "error",
    why: 'Only a class under `new_sqlite_classes` has SQL: the first query fails with "SQL is not enabled for this Durable Object class".',
    pitfall: 8,
  },
  "class-missing": {
    severity: "error",
    why: "A deploy is refused when the configuration names a class that the Worker does not export.",
  },
  "class-not-exported": {
    severity: "error",
    why: "The platform finds a class by its export from `main`: one that is only declared cannot be bound.",
  },
  "binding-without-migration": {
    severity: "error",
    why: "The platform creates a class's storage in a migration: without one the deploy is refused.",
  },
  "environment-without-bindings": {
    severity: "warning",
    why: "Bindings are not inherited by an environment: `env.X` is undefined there and the first request fails.",
  },
  "route-without-room": {
    severity: "error",
    why: "The route's namespace is undefined at run time: every request to it fails.",
  },
  "room-without-route": {
    severity: "warning",
    why: "`routeRooms` is an allow-list: nobody can reach a room that is not in it.",
  },

  // The source.
  "options-not-static": {
    severity: "error",
    why: "The framework reads options from the class, before there is an instance: an instance field is never looked at.",
    pitfall: 5,
  },
  "hibernate-off": {
    severity: "error",
    why: "A room sleeps between messages; without hibernation it is billed for as long as anyone is connected.",
    pitfall: 5,
  },
  "timer-in-room": {
    severity: "error",
    why: "A timer lives in memory: an eviction, a deploy or a crash forgets it, and until then it keeps the room awake and billed.",
    pitfall: 2,
  },
  "state-in-field": {
    severity: "warning",
    why: "A room that sleeps for ten seconds loses its fields: after waking, the value starts again from its initial one.",
    pitfall: 1,
  },
  "socket-accept": {
    severity: "error",
    why: "A socket accepted with `accept()` keeps its object in memory and billed, and is lost with it.",
    pitfall: 5,
  },
  "one-alarm-slot": {
    severity: "error",
    why: "An object has one alarm: setting it again replaces the earlier one, which then never rings.",
    pitfall: 9,
  },
  "raw-alarm": {
    severity: "warning",
    why: "A room's own alarm is one unnamed slot: a second use of it replaces the first.",
    pitfall: 9,
  },
  "delete-all": {
    severity: "warning",
    why: '`deleteAll()` drops the tables under a living instance: the next message fails with "no such table".',
    pitfall: 6,
  },
  "entry-point-without-super": {
    severity: "error",
    why: "The framework does its work in this entry point: overriding it without `super` switches that work off.",
  },
});

/** `error`: it breaks or loses something. `warning`: it does so under conditions that cannot be seen from here. */
export type Severity = "error" | "warning";

/** The page and section that explain a rule. */
export function docsOf(rule: RuleId): string {
  return `${DOCTOR_PAGE}#${rule}`;
}
