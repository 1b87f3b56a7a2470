// JSON Web Tokens at the door: what jwt takes, what it denies, and what is nobody's fault but ours.
import { type Claims, RoomError, type RouteOptions } from "@greenroom/server";
import { jwt, type JwtOptions } from "@greenroom/server/jwt";
import { time } from "@greenroom/testing/workers";
import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";
import { afterEach, beforeAll, beforeEach, expect, type MockInstance, test, vi } from "vitest";

import { speak } from "./speak.ts";
import { roomThrough } from "./through.ts";

const ISSUER = "https://id.example";
const AUDIENCE = "rooms";
const SECRET = "a secret of at least thirty-two bytes";
const NOW = 1_800_000_000;
const PAYLOAD: JWTPayload = {
  sub: "anna",
  name: "anna",
  iss: ISSUER,
  aud: AUDIENCE,
  exp: NOW + 600,
};
const { exp: _, ...FOR_GOOD } = PAYLOAD;

let keys: CryptoKeyPair;
let other: CryptoKeyPair;
let jwks: JSONWebKeySet;
let logged: MockInstance<typeof console.error>;

beforeAll(async () => {
  keys = await generateKeyPair("ES256");
  other = await generateKeyPair("ES256");
  jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" }] };
});

beforeEach(() => {
  time.freeze(NOW * 1_000);
  logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
});

function signed(
  payload: JWTPayload = PAYLOAD,
  key: CryptoKey = keys.privateKey,
  header: { alg: string; kid?: string } = { alg: "ES256", kid: "k1" },
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader(header).sign(key);
}

function signedByText(
  payload: JWTPayload = PAYLOAD,
  secret = SECRET,
  alg = "HS256",
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

const options = (): JwtOptions => ({ jwks, issuer: ISSUER, audience: AUDIENCE });

/** The claims, or with what the token is denied. */
async function ask(
  token: string | undefined,
  how: JwtOptions = options(),
): Promise<Claims | string> {
  try {
    return await jwt(how)(new Request("https://x"), { token });
  } catch (fault) {
    if (!(fault instanceof RoomError)) throw fault;
    return `${fault.code}: ${String(fault.reason)}`;
  }
}

test("[W8] a token that was signed by a key of the set gives its payload as claims", async () => {
  expect(await ask(await signed())).toEqual(PAYLOAD);
  const inUrl: RouteOptions["authenticate"] = jwt(options());
  const anna = await speak(await roomThrough("door", { authenticate: inUrl }), {
    token: await signed(),
  });
  anna.call(1, "who");
  expect((await anna.outcome(1)).answer).toMatchObject({
    claims: { sub: "anna", name: "ANNA" },
    user: "anna",
  });
});

test("[W8] a secret that both ends have does as well", async () => {
  expect(await ask(await signedByText(), { secret: SECRET })).toEqual(PAYLOAD);
  const bytes = new TextEncoder().encode(SECRET);
  expect(await ask(await signedByText(), { secret: bytes, issuer: ISSUER })).toEqual(PAYLOAD);
});

test("[W8] whatever is wrong with a token, it is denied, and the client hears no more than that", async () => {
  const token = await signed();
  const [head = "", body = "", signature = ""] = token.split(".");
  const base64 = (value: object): string =>
    btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  const publicJwk = JSON.stringify(jwks.keys[0]);
  const cases: Record<string, [string | undefined, string, JwtOptions?]> = {
    "no token": [undefined, "no token"],
    "an empty one": ["", "no token"],
    "no JWT": ["hello", "not valid"],
    "another key": [await signed(PAYLOAD, other.privateKey), "not valid"],
    "a key that is not in the set": [
      await signed(PAYLOAD, keys.privateKey, { alg: "ES256", kid: "k2" }),
      "not valid",
    ],
    "an expired one": [await signed({ ...PAYLOAD, exp: NOW - 1 }), "expired"],
    "one that is not valid yet": [await signed({ ...PAYLOAD, nbf: NOW + 60 }), "not valid"],
    "another issuer": [await signed({ ...PAYLOAD, iss: "https://evil.example" }), "not valid"],
    "another audience": [await signed({ ...PAYLOAD, aud: "other" }), "not valid"],
    "one that never expires": [await signed(FOR_GOOD), "not valid"],
    "no issuer": [await signed({ sub: "anna", aud: AUDIENCE }), "not valid"],
    "no signature": [`${head}.${body}.`, "not valid"],
    "no algorithm": [`${base64({ alg: "none" })}.${body}.`, "not valid"],
    "another payload": [`${head}.${base64({ ...PAYLOAD, sub: "root" })}.${signature}`, "not valid"],
    "the public key as a secret": [await signedByText(PAYLOAD, publicJwk), "not valid"],
    "another secret": [
      await signedByText(PAYLOAD, `not ${SECRET}`),
      "not valid",
      { secret: SECRET },
    ],
    "an algorithm that is not allowed": [
      await signedByText(PAYLOAD, SECRET, "HS512"),
      "not valid",
      { secret: SECRET, algorithms: ["HS256"] },
    ],
  };
  for (const [what, [bad, reason, how]] of Object.entries(cases))
    expect(await ask(bad, how), what).toBe(`unauthenticated: ${reason}`);
  expect(logged).not.toHaveBeenCalled();
});

test("[W8] a token without an expiry is taken where that is asked for", async () => {
  const token = await signed(FOR_GOOD);
  expect(await ask(token, { ...options(), withoutExpiry: true })).toEqual(FOR_GOOD);
  const expired = await signed({ ...PAYLOAD, exp: NOW - 1 });
  expect(await ask(expired, { ...options(), withoutExpiry: true })).toBe(
    "unauthenticated: expired",
  );
});

test("[W8] clocks may differ by the tolerance", async () => {
  const token = await signed({ ...PAYLOAD, exp: NOW - 20 });
  expect(await ask(token, { ...options(), clockTolerance: 30_000 })).toMatchObject({ sub: "anna" });
  expect(await ask(token, { ...options(), clockTolerance: 10_000 })).toBe(
    "unauthenticated: expired",
  );
  // In the room, too, for as long.
  const authenticate = jwt({ ...options(), clockTolerance: 30_000 });
  const anna = await speak(await roomThrough("door", { authenticate }), { token });
  time.freeze((NOW + 10) * 1_000);
  anna.call(1, "who");
  expect(await anna.dialled.closed()).toMatchObject({ code: 4100 });
});

test("[W8] a key set is fetched once and kept", async () => {
  const fetched = vi
    .spyOn(globalThis, "fetch")
    .mockImplementation(() => Promise.resolve(Response.json(jwks)));
  const verify = jwt({ jwks: "https://id.example/jwks.json", issuer: ISSUER, audience: AUDIENCE });
  for (let round = 0; round < 3; round++) {
    const claims = await verify(new Request("https://x"), { token: await signed() });
    expect(claims).toEqual(PAYLOAD);
  }
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("[W8] an issuer that cannot be asked denies nobody: clients come back, and the log says why", async () => {
  const faults = [
    () => Promise.reject(new TypeError("connection refused")),
    () => Promise.resolve(new Response("", { status: 503 })),
    () => Promise.resolve(Response.json({ not: "a key set" })),
  ];
  for (const fault of faults) {
    vi.spyOn(globalThis, "fetch").mockImplementation(fault);
    const authenticate = jwt({ jwks: "https://id.example/x", issuer: ISSUER, audience: AUDIENCE });
    const Authorization = `Bearer ${await signed()}`;
    const room = await roomThrough("door", { authenticate });
    const a = await room.open({ headers: { Authorization } });
    expect(await a.closed()).toEqual({
      code: 4200,
      reason: expect.stringMatching(/^failed; retry after 5000 ms: id \w{8}$/) as string,
    });
    expect(JSON.stringify(logged.mock.calls)).not.toContain(Authorization.slice(-40));
    expect(logged).toHaveBeenCalledTimes(1);
    logged.mockClear();
  }
});

test("[W8] options that cannot be are refused before any request", () => {
  const bad = [
    [{}, "either `jwks` or `secret`"],
    [{ jwks, secret: SECRET, issuer: ISSUER, audience: AUDIENCE }, "either `jwks` or `secret`"],
    [{ secret: "short" }, "the secret has 5 bytes; it takes at least 32"],
  ] as const;
  for (const [how, message] of bad) expect(() => jwt(how as JwtOptions)).toThrow(message);
});
