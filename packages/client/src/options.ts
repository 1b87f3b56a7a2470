/** What `connect` takes: checked once, before anything is dialed. */
import { type Contract, isSessionToken, PREFIX, RoomError } from "@greenroom/protocol";

import { roomUrl } from "./address.ts";
import { CLOCK, type Clock } from "./clock.ts";
import type { Extension } from "./extension.ts";
import type { WebSocketClass } from "./socket.ts";

/** A token for the Worker's `authenticate`; a function is called before each dial. */
export type TokenProvider =
  | string
  | null
  | (() => string | null | undefined | Promise<string | null | undefined>);

/** Options of `connect`. Durations are milliseconds. */
export interface ConnectOptions {
  /** The room's name: 1 to 128 characters. */
  readonly room: string;
  /**
   * `example.com`, `localhost:8787` or a full URL. Without a scheme it is `wss:`, on this machine `ws:`.
   * @default the page's own host
   */
  readonly host?: string;
  /** The key of the room's class in `rooms` of `routeRooms`. @default the contract's `name` */
  readonly kind?: string;
  /** The first part of the room's path; `routeRooms` must have the same. @default "rooms" */
  readonly prefix?: string;
  /** The token for `authenticate`, or what fetches a fresh one; it travels outside of the URL. @default none */
  readonly token?: TokenProvider;
  /** How long a token may take. @default 10_000 */
  readonly tokenTimeout?: number;
  /** How long a dial may take, up to the room's welcome. @default 10_000 */
  readonly dialTimeout?: number;
  /** How long a call waits for its answer, time away included. A `send` waits as long as it takes. @default 10_000 */
  readonly callTimeout?: number;
  /** The most messages and calls that wait for an answer; one more is rejected. @default 1000 */
  readonly outbox?: number;
  /** `lost` is told after so long without a connection. @default 5_000 */
  readonly lostAfter?: number;
  /** A connection is replaced when nothing was heard on it for so long. @default 40_000 */
  readonly silence?: number;
  /** The session's secret: 16 to 64 characters of base64url. @default made by chance; kept across reloads of a page */
  readonly session?: string;
  /** The class of sockets, where the runtime has none: `ws` in Node 20. @default the global `WebSocket` */
  readonly WebSocket?: WebSocketClass;
  /** Whether to wait for `reconnect()` before dialing; what is sent waits, too. @default false */
  readonly startClosed?: boolean;
  /**
   * Whether to be told the texts of the room's exceptions, in `message` of what `send` and `call`
   * reject with. Heard where the Worker says that it is in development. @default false
   */
  readonly debug?: boolean;
  /** What the client is given beyond its core, such as `presence`. @default [] */
  readonly use?: readonly Extension[];
  /** What tests move by hand, as `@greenroom/testing` does. @default the machine's clock */
  readonly clock?: Clock;
  /** Chance for the waits between dials, from 0 to 1; tests take it out. @default Math.random */
  readonly random?: () => number;
}

type NumberOption =
  | "tokenTimeout"
  | "dialTimeout"
  | "callTimeout"
  | "outbox"
  | "lostAfter"
  | "silence";

/** The durations, and the bound of the outbox. */
export const DEFAULTS: Readonly<Record<NumberOption, number>> = Object.freeze({
  tokenTimeout: 10_000,
  dialTimeout: 10_000,
  callTimeout: 10_000,
  outbox: 1000,
  lostAfter: 5000,
  silence: 40_000,
});

/** Options with their defaults. */
export type Settings = ConnectOptions &
  Readonly<Record<NumberOption, number>> & {
    readonly url: string;
    readonly clock: Clock;
    readonly random: () => number;
  };

/** Checks the options and fills in the defaults. Throws `bad-option`, `bad-host` and `bad-name`. */
export function settingsOf(contract: Contract, options: ConnectOptions): Settings {
  const { room, host, session, clock = CLOCK, random = Math.random } = options;
  const { kind = contract.shape.name, prefix = PREFIX } = options;
  if (!kind) throw bad("There is neither a `kind` nor a `name` in the contract.");
  if (session !== undefined && !isSessionToken(session)) {
    throw bad("`session` takes 16 to 64 characters of base64url.");
  }
  if (!options.WebSocket && typeof globalThis.WebSocket !== "function") {
    throw bad("This runtime has no WebSocket.", 'Install "ws" and pass it as `WebSocket`.');
  }
  const numbers: Record<NumberOption, number> = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as NumberOption[]) {
    const number = (numbers[name] = options[name] ?? DEFAULTS[name]);
    if (!(number >= 1)) throw bad(`\`${name}\` cannot be ${number}.`);
  }
  const url = roomUrl({ host, kind, room, prefix });
  return { ...options, ...numbers, url, clock, random };
}

function bad(message: string, hint = ""): RoomError {
  return new RoomError("bad-option", { message, hint });
}
