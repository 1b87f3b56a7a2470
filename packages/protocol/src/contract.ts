/**
 * The contract: one value that both ends of a room import, and from which both infer.
 *
 * Its schemas are Standard Schemas (zod, valibot, arktype, ...), validated where a value
 * arrives and where it leaves. They must be synchronous: a room decides within one turn.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";

import { type Issue, RoomError } from "./errors.ts";

/** Any Standard Schema. */
export type Schema = StandardSchemaV1;
type Schemas = Readonly<Record<string, Schema>>;

/** A question that one end asks the other: `input` may be left out. */
export interface CallShape {
  readonly input?: Schema;
  readonly output: Schema;
  /** Whether it only reads: a member with the claim `readOnly` may ask it, too. @default false */
  readonly reads?: boolean;
}

/** What `contract` takes. */
export interface ContractShape {
  /** The kind of room in its path, the key in `rooms` of `routeRooms`: `/rooms/<name>/lobby`. */
  readonly name?: string;
  /** Client to room. */
  readonly messages?: Schemas;
  /** Room to clients, kept in the log. */
  readonly events?: Schemas;
  /** Room to clients, not kept. */
  readonly signals?: Schemas;
  /** Client asks, room answers. */
  readonly calls?: Readonly<Record<string, CallShape>>;
  /** Room asks, a member answers. */
  readonly asks?: Readonly<Record<string, CallShape>>;
  /** What a member shows of itself to the others. */
  readonly presence?: Schema;
  /** What the room shows of a member to the others, beside that: made by `onProfile`. */
  readonly profile?: Schema;
  /** What the Worker's `authenticate` says of a member. */
  readonly claims?: Schema;
  /** What the room's snapshot looks like, for clients that come too late for the log. */
  readonly snapshot?: Schema;
}

/** A checked contract. `shape` is what was passed in. */
export interface Contract<Shape extends ContractShape = ContractShape> {
  readonly shape: Shape;
}

type Part<Shape extends ContractShape, Key extends keyof ContractShape> =
  Shape[Key] extends Readonly<Record<string, unknown>> ? Shape[Key] : Record<never, never>;

type PartName = "messages" | "events" | "signals" | "calls" | "asks";

/** The names in one part of a contract. */
export type NameOf<Shape extends ContractShape, Key extends PartName> = keyof Part<Shape, Key> &
  string;

/** What is passed in on the sending side. */
export type InputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferInput<S> : undefined;

/** What arrives on the receiving side. */
export type OutputOf<S> = S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : undefined;

/** The schema of a name in one part of a contract. */
export type SchemaOf<
  Shape extends ContractShape,
  Key extends "messages" | "events" | "signals",
  Name extends NameOf<Shape, Key>,
> = Part<Shape, Key>[Name];

/** The schema of a call's input; `undefined` when it takes none. */
export type CallInput<
  Shape extends ContractShape,
  Key extends "calls" | "asks",
  Name extends NameOf<Shape, Key>,
> = Part<Shape, Key>[Name] extends { readonly input: infer S } ? S : undefined;

/** The schema of a call's output. */
export type CallOutput<
  Shape extends ContractShape,
  Key extends "calls" | "asks",
  Name extends NameOf<Shape, Key>,
> = Part<Shape, Key>[Name] extends { readonly output: infer S } ? S : never;

/** Asks for nothing where two parts share no name, and for the impossible where they do. */
type OneName<Shape extends ContractShape, One extends PartName, Other extends PartName> = NameOf<
  Shape,
  One
> &
  NameOf<Shape, Other> extends never
  ? unknown
  : {
      readonly [Part in Other]: {
        readonly [Name in NameOf<Shape, One> & NameOf<Shape, Other>]: never;
      };
    };

const PARTS = ["messages", "events", "signals", "calls", "asks"] as const;

/**
 * Makes a contract out of schemas; throws `bad-contract` with the place and the reason.
 *
 * @example
 * ```ts
 * import { contract } from "@greenroom/protocol";
 * import * as v from "valibot";
 * export const chat = contract({
 *   messages: { say: v.object({ text: v.string() }) },
 *   events: { said: v.object({ from: v.string(), text: v.string() }) },
 * });
 * ```
 */
export function contract<const Shape extends ContractShape>(
  shape: Shape & OneName<Shape, "messages", "calls"> & OneName<Shape, "events", "signals">,
): Contract<Shape> {
  const taken = new Map<string, string>();
  for (const part of PARTS) {
    for (const [name, value] of Object.entries(shape[part] ?? {})) {
      const where = `${part}.${name}`;
      checkName(name, where);
      if (part === "calls" || part === "asks") {
        const { input, output } = (value ?? {}) as Partial<CallShape>;
        if (input !== undefined) checkSchema(input, `${where}.input`);
        checkSchema(output, `${where}.output`);
      } else {
        checkSchema(value, where);
      }
      // A handler is found by its name alone, and so is a listener.
      const group =
        part === "messages" || part === "calls" ? "handler" : part === "asks" ? "ask" : "listener";
      const other = taken.get(`${group} ${name}`);
      if (other) throw bad(`"${name}" stands in ${other} and in ${part}.`);
      taken.set(`${group} ${name}`, part);
    }
  }
  if (shape.name !== undefined) checkName(shape.name, "name");
  for (const part of ["presence", "profile", "claims", "snapshot"] as const) {
    if (shape[part] !== undefined) checkSchema(shape[part], part);
  }
  return Object.freeze({ shape });
}

function checkName(name: string, where: string): void {
  if (!/^[A-Za-z][\w.:-]{0,63}$/.test(name)) {
    throw bad(`${where}: a name is a letter, then at most 63 letters, digits or any of _ . : -.`);
  }
  if (/^on[A-Z]|^authorize$/.test(name) || name in Object.prototype) {
    throw bad(`${where}: the name is reserved, because it looks like a hook.`);
  }
}

function checkSchema(value: unknown, where: string): void {
  const standard = (value as { "~standard"?: { validate?: unknown } } | null | undefined)?.[
    "~standard"
  ];
  if (typeof standard?.validate !== "function") throw bad(`${where} is not a Standard Schema.`);
}

/** What to do about a contract that cannot be: not in misuse.ts, whose texts would come into every client. */
export const FIT_CONTRACT = "Use synchronous Standard Schemas and names that are not reserved.";

function bad(message: string): RoomError {
  return new RoomError("bad-contract", { message, hint: FIT_CONTRACT });
}

/** A value as its schema gives it, or where it does not match. */
export type Validated =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: Issue[] };

/** Validates `value`; `undefined` as a schema takes nothing but `undefined`. Throws on an asynchronous schema. */
export function validate(schema: Schema | undefined, value: unknown): Validated {
  if (schema === undefined) {
    return value === undefined || value === null
      ? { ok: true, value: undefined }
      : { ok: false, issues: [{ message: "This takes no value.", path: "" }] };
  }
  const result = schema["~standard"].validate(value);
  if ("then" in result) {
    result.then(undefined, () => undefined); // its outcome is of no use: the schema is refused
    throw new RoomError("bad-contract", {
      message: "A schema answered with a promise.",
      hint: "Use synchronous schemas.",
    });
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.slice(0, 8).map(toIssue) };
}

function toIssue({ message, path = [] }: StandardSchemaV1.Issue): Issue {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return { message: message.slice(0, 200), path: keys.join(".").slice(0, 200) };
}
