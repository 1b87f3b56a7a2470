/**
 * The hello: what a client says of itself before anything else is sent.
 *
 * It travels in the request of the handshake, as a WebSocket subprotocol, so that the room
 * answers it with the first frame, without a round trip of its own, and so that the session
 * token stays out of every URL. A connection without one is a new, nameless session.
 */

/** The version of the frames, and the subprotocol that a room selects. */
export const VERSION = 1;
export const SUBPROTOCOL = "greenroom.1";
const HELLO = "greenroom.hello.";
const AUTH = "greenroom.auth.";
/** Offered by a page that asks for the texts of exceptions; heard in development only. */
export const DEBUG = "greenroom.debug";

/** A session token: 16 to 64 characters of base64url. */
const TOKEN = /^[\w-]{16,64}$/;
const EPOCH = /^[\w-]{1,32}$/;

/** What a client says when it connects. */
export interface Hello {
  /** The session's secret; public ids are derived from it. */
  readonly session: string;
  /** The epoch of the last entry that the client has, null if it has none. */
  readonly epoch: string | null;
  /** The last entry that the client has; 0 when it has none; null when it joins for the first time. */
  readonly seq: number | null;
  /**
   * Which dial of which life of the client this is: a handshake that the network held back can
   * arrive behind a later one of the same life, and must not take its place.
   */
  readonly dial?: readonly [life: number, count: number];
  /** Whether the client has drawn the token itself and sent nothing under it: there is no mark of it. */
  readonly fresh?: boolean | undefined;
}

/** Whether a text can be a session token. */
export function isSessionToken(text: unknown): text is string {
  return typeof text === "string" && TOKEN.test(text);
}

/** The subprotocols of a client's handshake: the version, the hello, the token, and the wish for details. */
export function helloProtocols(hello: Hello, token?: string | null, debug?: boolean): string[] {
  const { session, epoch, seq, dial = [], fresh } = hello;
  const text = JSON.stringify([session, epoch, seq, ...dial, ...(fresh ? [1] : [])]);
  const protocols = [SUBPROTOCOL, HELLO + toBase64Url(text)];
  if (token) protocols.push(AUTH + toBase64Url(token));
  if (debug) protocols.push(DEBUG);
  return protocols;
}

/** What the header `Sec-WebSocket-Protocol` of a handshake says. */
export interface Offer {
  /** Whether the client speaks our version. */
  readonly supported: boolean;
  /** Whether the client offered any subprotocol of Greenroom, ours or another version. */
  readonly greenroom: boolean;
  readonly hello?: Hello;
  /** The token for `authenticate`. */
  readonly token?: string;
  /** A hello was there and cannot be read. */
  readonly malformed?: true;
}

/** Reads the header `Sec-WebSocket-Protocol`; never throws. */
export function parseOffer(header: string | null): Offer {
  const offered = (header ?? "").split(",").map((protocol) => protocol.trim());
  const greenroom = offered.some((protocol) => protocol.startsWith("greenroom."));
  const supported = offered.includes(SUBPROTOCOL);
  const written = (prefix: string): string | undefined =>
    offered.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length);
  const said = written(HELLO);
  const hello = parseHello(fromBase64Url(said));
  const token = fromBase64Url(written(AUTH));
  return {
    supported,
    greenroom,
    ...(hello && { hello }),
    ...(token !== undefined && { token }),
    ...(said !== undefined && !hello && { malformed: true as const }),
  };
}

function parseHello(text: string | undefined): Hello | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller reports a malformed hello
  }
  if (!Array.isArray(value)) return undefined;
  const [session, epoch, seq, life, count, fresh] = value as unknown[];
  if (!isSessionToken(session)) return undefined;
  if (epoch !== null && !(typeof epoch === "string" && EPOCH.test(epoch))) return undefined;
  if (seq !== null && !isCount(seq)) return undefined;
  if (life === undefined) return { session, epoch, seq };
  if (!isCount(life) || !isCount(count)) return undefined;
  return { session, epoch, seq, dial: [life, count], ...(fresh === 1 && { fresh: true }) };
}

/** Whether a value is a whole number from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function toBase64Url(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    if (!/[\x80-\xff]/.test(binary)) return binary; // what nearly all of them are
    return new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(binary, (character) => character.charCodeAt(0)),
    );
  } catch {
    return undefined; // not base64url of UTF-8: the caller reports what is missing
  }
}
