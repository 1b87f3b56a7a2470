/** Claims: what the Worker's `authenticate` says of whoever is at the door, and their way to the room. */
import { misuse, type Schema, validate } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";
import { carriedBy, carrying } from "./carried.ts";

/** What is known of a client: names as in RFC 7519, and the app's own. */
export interface Claims {
  /** The user: who it is, on whichever device. */
  readonly sub?: string;
  /** When this ends, in seconds since 1970. */
  readonly exp?: number;
  /** Whether every message is refused, and every call that does not only read. */
  readonly readOnly?: boolean;
  readonly [name: string]: unknown;
}

/** Who is on a connection, as its attachment keeps it. */
export interface Who {
  /** As the contract's schema gives them. */
  readonly claims: unknown;
  readonly user?: string;
  /** When the claims end, in ms since 1970. */
  readonly until?: number;
  readonly readOnly?: true;
}

/** The most that claims may be, in bytes of JSON: a sleeping socket keeps them beside its state. */
const LARGEST = 8 * 1024;
const LONGEST_USER = 256;
/** The platform sets no alarm for a time after 2189; claims that hold until then hold for good. */
const FOR_GOOD = Date.UTC(2189, 0);

/** The claims with which a request came through `routeRooms`; `undefined` where nobody made any. */
export function claimsOf(request: Request): Claims | undefined {
  // SAFETY: what is carried there is what `withClaims` was given.
  return carriedBy(request, "greenroom") as Claims | undefined;
}

/** The same request with these claims, and with none that came from elsewhere. */
export function withClaims(request: Request, claims: Claims | undefined): Request {
  return carrying(request, "greenroom", claims);
}

/** Checks what `authenticate` has returned; throws `bad-claims` with what is wrong. */
export function checkClaims(value: unknown): Claims {
  const wrong = (what: string): Error => misuse("bad-claims", `authenticate returned ${what}.`);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(value === null ? "null" : Array.isArray(value) ? "an array" : typeof value);
  const { sub, exp, readOnly } = value as Record<string, unknown>;
  if (sub !== undefined && !(typeof sub === "string" && sub !== "" && sub.length <= LONGEST_USER))
    throw wrong(`a \`sub\` that is no text of 1 to ${LONGEST_USER} characters`);
  if (exp !== undefined && !(typeof exp === "number" && Number.isFinite(exp)))
    throw wrong("an `exp` that is no number of seconds");
  if (readOnly !== undefined && typeof readOnly !== "boolean")
    throw wrong("a `readOnly` that is neither true nor false");
  const size = byteLength(JSON.stringify(value));
  if (size > LARGEST) throw wrong(`claims of ${size} bytes, and a connection keeps ${LARGEST}`);
  return value as Claims;
}

/** Who has these claims; throws `bad-claims` where they do not fit the contract's schema. */
export function whoHas(claims: Claims | undefined, schema: Schema | undefined): Who | undefined {
  if (claims === undefined) {
    if (schema === undefined) return undefined;
    throw misuse("bad-claims", "A client came without claims, and the contract asks for them.", {
      hint: "Pass `authenticate` to `routeRooms`.",
    });
  }
  const { sub, exp, readOnly } = claims;
  const result = schema ? validate(schema, claims) : { ok: true as const, value: claims };
  if (!result.ok) {
    const issues = result.issues.map(({ path, message }) => `${path || "claims"}: ${message}`);
    throw misuse("bad-claims", `The claims do not match the contract: ${issues.join("; ")}`);
  }
  return {
    claims: result.value,
    ...(sub !== undefined && { user: sub }),
    ...(exp !== undefined && exp * 1_000 < FOR_GOOD && { until: exp * 1_000 }),
    ...(readOnly && { readOnly }),
  };
}

/** Whether somebody's claims have ended. */
export function hasEnded(who: Who | undefined, now: number): boolean {
  return who?.until !== undefined && who.until <= now;
}
