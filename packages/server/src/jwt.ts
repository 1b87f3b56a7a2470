/**
 * `import { jwt } from "@greenroom/server/jwt"`: a ready `authenticate` for JSON Web Tokens.
 *
 * Tokens are verified by jose, which the project installs beside this package: a Worker that does
 * not use JWTs does not carry it. What is wrong with a token is a denial; what is wrong with the
 * key set or its server is a fault, after which clients come back and nobody is let in or stopped.
 */
import { misuse } from "@greenroom/protocol";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from "jose";

import { type AuthenticateContext, unauthenticated } from "./authenticate.ts";
import type { Claims } from "./claims.ts";

/** What any token is held to. */
export interface JwtChecks {
  /** Who must have made the token: its `iss`. */
  readonly issuer?: string | string[];
  /** For whom it must have been made: its `aud`. */
  readonly audience?: string | string[];
  /** Which algorithms may have signed it. @default all that are asymmetric, or with a secret HS256 to HS512 */
  readonly algorithms?: string[];
  /** By how many milliseconds the clocks of the issuer and of the Worker may differ. @default 0 */
  readonly clockTolerance?: number;
  /** Whether a token without `exp` is taken, too: whoever has it has it for good. @default false */
  readonly withoutExpiry?: boolean;
}

/** How tokens are verified: by the issuer's public keys, or by a secret that both ends have. */
export type JwtOptions =
  | (JwtChecks & {
      /** The issuer's key set, or its URL, from which it is fetched and kept for a time. */
      readonly jwks: string | URL | JSONWebKeySet;
      readonly secret?: never;
    } & Required<Pick<JwtChecks, "issuer" | "audience">>)
  | (JwtChecks & {
      /** At least 32 bytes. */
      readonly secret: string | Uint8Array;
      readonly jwks?: never;
    });

/** What is wrong with a token has one of these; any other error is a fault of ours or the issuer's. */
const TOKEN_FAULTS = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
];

const ASYMMETRIC = "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ");
const SYMMETRIC = ["HS256", "HS384", "HS512"];
const SHORTEST_SECRET = 32;

/**
 * An `authenticate` that takes the token as a JWT and its payload as the claims.
 *
 * It throws what it refuses, so that another `authenticate` can call it and look at the claims.
 *
 * @example
 * ```ts
 * import { routeRooms } from "@greenroom/server";
 * import { jwt } from "@greenroom/server/jwt";
 * const authenticate = jwt({
 *   jwks: "https://id.example.com/.well-known/jwks.json",
 *   issuer: "https://id.example.com",
 *   audience: "my-app",
 * });
 * export default {
 *   fetch: (request: Request, env: Cloudflare.Env) =>
 *     routeRooms(request, env, { rooms: {}, authenticate }),
 * };
 * ```
 * @throws RoomError `bad-option`
 */
export function jwt(
  options: JwtOptions,
): (request: Request, context: Pick<AuthenticateContext, "token">) => Promise<Claims> {
  const { issuer, audience, clockTolerance = 0, withoutExpiry = false } = options;
  const checks: JWTVerifyOptions = {
    algorithms: options.algorithms ?? (options.jwks ? ASYMMETRIC : SYMMETRIC),
    clockTolerance: clockTolerance / 1_000,
    requiredClaims: withoutExpiry ? [] : ["exp"],
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  };
  const key = keyOf(options);
  return async (_request, { token }) => {
    if (!token) throw unauthenticated("no token");
    try {
      const { payload } = await jwtVerify(token, key, checks);
      // Who is let in by another clock stays by it, too. Checked by whoever asked, as all claims are.
      return payload.exp === undefined || clockTolerance === 0
        ? payload
        : { ...payload, exp: payload.exp + clockTolerance / 1_000 };
    } catch (fault) {
      if (!TOKEN_FAULTS.some((kind) => fault instanceof kind)) throw fault;
      throw unauthenticated(fault instanceof errors.JWTExpired ? "expired" : "not valid");
    }
  };
}

function keyOf({ jwks, secret }: JwtOptions): JWTVerifyGetKey {
  if ((jwks === undefined) === (secret === undefined))
    throw misuse("bad-option", "jwt: it takes either `jwks` or `secret`.");
  if (secret !== undefined) {
    const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
    if (bytes.length < SHORTEST_SECRET) {
      const found = `the secret has ${bytes.length} bytes; it takes at least ${SHORTEST_SECRET}`;
      throw misuse("bad-option", `jwt: ${found}.`);
    }
    return () => bytes;
  }
  if (typeof jwks === "string" || jwks instanceof URL) return createRemoteJWKSet(new URL(jwks));
  return createLocalJWKSet(jwks);
}
