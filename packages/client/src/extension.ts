/**
 * Extensions: what a client is given beyond its core, by values, so that a bundle carries only
 * what it uses: `connect(chat, { room: "lobby", use: [presence] })`.
 */
import type { ContractShape, RoomError } from "@greenroom/protocol";

import type { Clock } from "./clock.ts";
import type { Moments } from "./room-client.ts";

/** What an extension is given of its client. */
export interface ExtensionContext {
  readonly shape: ContractShape;
  readonly clock: Clock;
  /** The member's public id, after the first welcome. */
  id(): string | undefined;
  /** Sends a frame on the live connection; says whether there is one. Nothing waits for the next. */
  send(text: string): boolean;
  /** Watches the connection, ahead of the app. */
  watch<Moment extends keyof Moments>(
    moment: Moment,
    watcher: (told: Moments[Moment]) => void,
  ): () => void;
  /** Tells the app of what no promise of it tells. */
  fault(error: RoomError): void;
}

/** An extension at work in one client. */
export interface Extended {
  /** What the room gets: its new members by name. */
  readonly members: object;
  /** Takes an item of the extension's kind, from the current connection, in order. */
  item(item: readonly unknown[]): void;
}

/** Something that a client can use. */
export interface Extension {
  /** The kind of the room's items that are the extension's. */
  readonly kind: string;
  /** The contract of the room, where `adds` is asked for: never there at run time. */
  readonly shape?: unknown;
  /** What it adds to a room of `shape`, as a type: never there at run time. */
  readonly adds?: object;
  /** Begins its work in one client; throws `bad-option` where the contract does not allow for it. */
  extend(context: ExtensionContext): Extended;
}

/** What an extension adds to a room of a contract. */
type Adds<Each extends Extension, Shape extends ContractShape> = NonNullable<
  (Each & { readonly shape: Shape })["adds"]
>;

/** What extensions add to a room of a contract, all together. */
export type AddedBy<
  Shape extends ContractShape,
  Use extends readonly Extension[],
> = Use extends readonly [infer First extends Extension, ...infer Rest extends readonly Extension[]]
  ? Adds<First, Shape> & AddedBy<Shape, Rest>
  : unknown;
