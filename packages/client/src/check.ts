/** Values against the contract, in both directions: what does not match is a value, too. */
import { RoomError, type Schema, validate } from "@greenroom/protocol";

/** The largest value that a room takes, in bytes of JSON. */
export const VALUE_BYTES: number = 1024 * 1024;

/** A value as its schema gives it, or why there is none. */
export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: RoomError };

/** An own property: names come from the wire, and a plain object answers to `constructor`. */
export function own<Value>(
  part: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return part && Object.hasOwn(part, name) ? part[name] : undefined;
}

/** The error for a name that the contract has not. */
export function unknown(what: string, name: string): RoomError {
  return new RoomError("unknown", { message: `The contract has no ${what} "${name}".` });
}

/** A value that arrived, as its schema transforms it. Never throws, whatever the schema does. */
export function incoming(
  schema: Schema | undefined,
  value: unknown,
  what: string,
): Checked<unknown> {
  try {
    const result = validate(schema, value);
    return result.ok
      ? result
      : {
          ok: false,
          error: new RoomError("invalid", {
            message: `The value of ${what} does not match the contract.`,
            issues: result.issues,
          }),
        };
  } catch (cause) {
    return {
      ok: false,
      error: cause instanceof RoomError ? cause : new RoomError("invalid", { cause }),
    };
  }
}

/** A value that leaves, as JSON: validated, but as it was given, for the other end transforms it. */
export function outgoing(
  schema: Schema | undefined,
  value: unknown,
  what: string,
): Checked<string | undefined> {
  const checked = incoming(schema, value, what);
  if (!checked.ok) return checked;
  let json: string | undefined;
  try {
    // SAFETY: unlike its type says, `stringify` gives `undefined` for what JSON does not have.
    json = JSON.stringify(value) as string | undefined;
  } catch (cause) {
    const message = `The value of ${what} cannot be written as JSON.`;
    return { ok: false, error: new RoomError("invalid", { message, cause }) };
  }
  // A UTF-16 unit is at most three bytes of UTF-8: most values need no counting.
  if (json && json.length * 3 > VALUE_BYTES) {
    const { length } = new TextEncoder().encode(json);
    if (length > VALUE_BYTES) {
      const message = `The value of ${what} has ${length} bytes as JSON; the limit is ${VALUE_BYTES}.`;
      return { ok: false, error: new RoomError("too-large", { message }) };
    }
  }
  return { ok: true, value: json };
}
