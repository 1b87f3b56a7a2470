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

/** Every rule with its severity and why it matters. */
export const RULES: Readonly<Record<RuleId, readonly [severity: Severity, why: string]>> =
  Object.freeze({
    // The wrangler configuration.
    "config-invalid": [
      "error",
      "Wrangler refuses the configuration, so neither `wrangler dev` nor a deploy starts.",
    ],
    "compatibility-date": [
      "error",
      "The runtime behaves as it did on that day: what came later is switched off.",
    ],
    "node-async-hooks": [
      "error",
      "Greenroom imports `node:async_hooks`; without it the Worker does not start.",
    ],
    "new-classes-with-sql": [
      "error",
      'Only a class under `new_sqlite_classes` has SQL: the first query fails with "SQL is not enabled for this Durable Object class".',
    ],
    "class-missing": [
      "error",
      "A deploy is refused when the configuration names a class that the Worker does not export.",
    ],
    "class-not-exported": [
      "error",
      "The platform finds a class by its export from `main`: one that is only declared cannot be bound.",
    ],
    "binding-without-migration": [
      "error",
      "The platform creates a class's storage in a migration: without one the deploy is refused.",
    ],
    "environment-without-bindings": [
      "warning",
      "Bindings are not inherited by an environment: `env.X` is undefined there and the first request fails.",
    ],
    "route-without-room": [
      "error",
      "The route's namespace is undefined at run time: every request to it fails.",
    ],
    "room-without-route": [
      "warning",
      "`routeRooms` is an allow-list: nobody can reach a room that is not in it.",
    ],

    // The source.
    "options-not-static": [
      "error",
      "The framework reads options from the class, before there is an instance: an instance field is never looked at.",
    ],
    "hibernate-off": [
      "error",
      "A room sleeps between messages; without hibernation it is billed for as long as anyone is connected.",
    ],
    "timer-in-room": [
      "error",
      "A timer lives in memory: an eviction, a deploy or a crash forgets it, and until then it keeps the room awake and billed.",
    ],
    "state-in-field": [
      "warning",
      "A room that sleeps for ten seconds loses its fields: after waking, the value starts again from its initial one.",
    ],
    "socket-accept": [
      "error",
      "A socket accepted with `accept()` keeps its object in memory and billed, and is lost with it.",
    ],
    "one-alarm-slot": [
      "error",
      "An object has one alarm: setting it again replaces the earlier one, which then never rings.",
    ],
    "raw-alarm": [
      "warning",
      "A room's own alarm is one unnamed slot: a second use of it replaces the first.",
    ],
    "delete-all": [
      "warning",
      '`deleteAll()` drops the tables under a living instance: the next message fails with "no such table".',
    ],
    "entry-point-without-super": [
      "error",
      "The framework does its work in this entry point: overriding it without `super` switches that work off.",
    ],
  });

/** `error`: it breaks or loses something. `warning`: it does so under conditions that cannot be seen from here. */
export type Severity = "error" | "warning";

/** The page and section that explain a rule. */
export function docsOf(rule: RuleId): string {
  return `${DOCTOR_PAGE}#${rule}`;
}
