/**
 * A configuration value that knows where it stands in its file. JSONC and TOML are both read into
 * this one shape, so that a check finds a place without knowing the format.
 */

/** A value with its offsets. */
export type Placed = PlacedObject | PlacedArray | PlacedScalar;

/** A table or an object; a TOML table that is only implied stands where its first key does. */
export interface PlacedObject {
  readonly kind: "object";
  start: number;
  end: number;
  readonly members: Map<string, PlacedMember>;
}

/** A list; of TOML's `[[tables]]`, each item stands where its header does. */
export interface PlacedArray {
  readonly kind: "array";
  start: number;
  end: number;
  readonly items: Placed[];
}

/** A text, number, truth value, date or null. */
export interface PlacedScalar {
  readonly kind: "scalar";
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
}

/** A key with its value. */
export interface PlacedMember {
  readonly keyStart: number;
  readonly value: Placed;
}

/** A file that is not well-formed, and where. */
export class ConfigSyntaxError extends Error {
  override readonly name = "ConfigSyntaxError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The value under a path of keys and indexes, if it is there. */
export function placedAt(
  root: Placed | undefined,
  ...path: readonly (string | number)[]
): Placed | undefined {
  let node = root;
  for (const step of path) {
    if (node?.kind === "object") node = node.members.get(String(step))?.value;
    else if (node?.kind === "array" && typeof step === "number") node = node.items[step];
    else return undefined;
  }
  return node;
}

/** The member of the object under a path, key included. */
export function memberAt(
  root: Placed,
  ...path: readonly [...(string | number)[], string]
): PlacedMember | undefined {
  const owner = placedAt(root, ...path.slice(0, -1));
  return owner?.kind === "object" ? owner.members.get(String(path.at(-1))) : undefined;
}

/** The items of the list under a path; none if it is not a list. */
export function itemsAt(
  root: Placed | undefined,
  ...path: readonly (string | number)[]
): readonly Placed[] {
  const node = placedAt(root, ...path);
  return node?.kind === "array" ? node.items : [];
}

/** The keys and values of the object under a path; none if it is not an object. */
export function membersAt(
  root: Placed | undefined,
  ...path: readonly (string | number)[]
): readonly (readonly [string, PlacedMember])[] {
  const node = placedAt(root, ...path);
  return node?.kind === "object" ? [...node.members] : [];
}

/** The text under a path, if it is one. */
export function textAt(
  root: Placed | undefined,
  ...path: readonly (string | number)[]
): string | undefined {
  const node = placedAt(root, ...path);
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
