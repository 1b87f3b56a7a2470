/**
 * The rooms that components share: one connection for each room, however many use it. It begins
 * with the first component that is there to stay, and ends a moment after the last.
 *
 * Rendering only makes a room, which dials nothing, so that a render may be thrown away.
 */
import {
  type AddedBy,
  connect,
  type ConnectOptions,
  type Contract,
  type ContractShape,
  type Extension,
  type RoomClient,
  type TokenProvider,
} from "@greenroom/client";
import { outboxStore, statusStore } from "@greenroom/client/stores";

/** Options of `useRoom`: those of `connect`, and who the token is for. */
export interface RoomOptions<Use extends readonly Extension[] = readonly Extension[]> extends Omit<
  ConnectOptions,
  "startClosed" | "use"
> {
  /** What the room is given beyond its core, such as `presence`. @default [] */
  readonly use?: Use;
  /**
   * Whom the token is for, where `token` is a function: another identity is another connection.
   * @default one for all
   */
  readonly identity?: string;
}

/** A room of a contract, with what it was given beyond its core. */
export type RoomOf<
  Shape extends ContractShape,
  Use extends readonly Extension[],
> = RoomClient<Shape> & AddedBy<Shape, Use>;

/** A room that components share. */
export interface SharedRoom<Shape extends ContractShape, Use extends readonly Extension[]> {
  readonly room: RoomOf<Shape, Use>;
  /** Whether who asks for this room now is given this one. */
  isCurrent(): boolean;
  /** The newest render's token provider: it is asked before the next dial. */
  provide(token: TokenProvider | undefined): void;
  /** Keeps it connected; gives what lets go of it. */
  join(): () => void;
}

/** A room is closed so long after the last component that used it, in ms. */
export const LINGER = 1000;

/** A room of a render that was thrown away is forgotten after so long, in ms. */
const UNUSED = 60_000;

const pools = new WeakMap<Contract, Map<string, unknown>>();
const unopened = new WeakSet();

/** Whether a room waits for its first component to be there: to people it is connecting. */
export function isUnopened(room: object): boolean {
  return unopened.has(room);
}

/** The room that components of these options share. */
export function sharedRoom<Shape extends ContractShape, const Use extends readonly Extension[]>(
  contract: Contract<Shape>,
  options: RoomOptions<Use>,
): SharedRoom<Shape, Use> {
  let pool = pools.get(contract);
  if (!pool) pools.set(contract, (pool = new Map()));
  // SAFETY: the rooms of a contract have its shape.
  const rooms = pool as Map<string, SharedRoom<Shape, Use>>;
  const key = keyOf(options);
  return rooms.get(key) ?? open(contract, options, rooms, key);
}

/** A room for a render that nobody sees change: it is never dialed, wherever it would be. */
export function stillRoom<Shape extends ContractShape, const Use extends readonly Extension[]>(
  contract: Contract<Shape>,
  options: RoomOptions<Use>,
): SharedRoom<Shape, Use> {
  // Neither is there on every server, and neither is used.
  const { host = "localhost", WebSocket = class extends EventTarget {} as never } = options;
  const room = connect(contract, { ...options, host, WebSocket, startClosed: true });
  unopened.add(room);
  return { room, isCurrent: () => false, provide: () => undefined, join: () => () => undefined };
}

function open<Shape extends ContractShape, const Use extends readonly Extension[]>(
  contract: Contract<Shape>,
  options: RoomOptions<Use>,
  rooms: Map<string, SharedRoom<Shape, Use>>,
  key: string,
): SharedRoom<Shape, Use> {
  let { token } = options;
  const newest = () => (typeof token === "function" ? token() : token);
  const room = connect(contract, {
    ...options,
    ...(typeof token === "function" && { token: newest }),
    startClosed: true,
  });
  unopened.add(room);
  // From the beginning, so that whoever asks later is told of what has failed and is lost by then.
  statusStore(room);
  outboxStore(room);

  let users = 0;
  const forget = (): void => {
    rooms.delete(key);
    room.close();
  };
  let timer = setTimeout(forget, UNUSED);
  const shared: SharedRoom<Shape, Use> = {
    room,
    isCurrent: () => rooms.get(key) === shared,
    provide(provider) {
      token = provider;
    },
    join() {
      clearTimeout(timer);
      users += 1;
      if (unopened.delete(room)) room.reconnect();
      return () => {
        users -= 1;
        if (users === 0) timer = setTimeout(forget, LINGER);
      };
    },
  };
  rooms.set(key, shared);
  return shared;
}

/**
 * What tells rooms apart. Functions do not: an inline one is another at each render, and the newest
 * is asked. Durations and bounds do not either: those of the first component count.
 */
function keyOf(options: RoomOptions): string {
  const { host, prefix, kind, room, session, token, identity, use } = options;
  const tokenKey = typeof token === "function" ? true : token;
  const kinds = use?.map((extension) => extension.kind);
  return JSON.stringify([host, prefix, kind, room, session, tokenKey, identity, kinds]);
}
