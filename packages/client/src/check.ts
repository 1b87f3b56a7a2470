/** Values against the contract, in both directions. What does not match is a value, too: its error. */
import { RoomError, type Schema, validate } from "@greenroom/protocol";

/** The largest value that a room takes, in bytes of JSON. */
export const VALUE_BYTES: number = 1024 * 1024;

/** A name's entry in one part of a contract. A plain object answers to `constructor`, too. */
export function own<Value>(
  part: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return part && Object.hasOwn(part, name) ? part[name] : undefined;
}

/** A value that arrived, as its schema transforms it, or its error. Never throws. */
export function incoming(
  schema: Schema | undefined,
  value: unknown,
  name: string,
): { readonly value: unknown } | RoomError {
  try {
    const result = validate(schema, value);
    if (result.ok) return result;
    const message = `The value of "${name}" does not match the contract.`;
    return new RoomError("invalid", { message, issues: result.issues });
  } catch (cause) {
    return cause instanceof RoomError ? cause : new RoomError("invalid", { cause });
  }
}

/**
 * A value that leaves, as JSON, or its error: it must match, and goes out as it was given,
 * for the other end transforms it. `undefined` has no JSON.
 */
export function outgoing(
  schema: Schema | undefined,
  value: unknown,
  name: string,
): { readonly json: string | undefined } | RoomError {
  const checked = incoming(schema, value, name);
  if (checked instanceof RoomError) return checked;
  let json: string | undefined;
  try {
    // SAFETY: unlike its type says, `stringify` gives `undefined` for what JSON does not have.
    json = JSON.stringify(value) as string | undefined;
  } catch (cause) {
    return new RoomError("invalid", { message: `"${name}" cannot be written as JSON.`, cause });
  }
  // A UTF-16 unit is at most three bytes of UTF-8: most values need no counting.
  if (json && json.length * 3 > VALUE_BYTES) {
    const { length } = new TextEncoder().encode(json);
    if (length > VALUE_BYTES) {
      const message = `"${name}" has ${length} bytes as JSON, over the limit of ${VALUE_BYTES}.`;
      return new RoomError("too-large", { message });
    }
  }
  return { json };
}
