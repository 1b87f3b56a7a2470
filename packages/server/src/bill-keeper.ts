/**
 * Keeps a room's bill between its rows: in the attachment of one open socket, which costs nothing
 * and survives sleep. A room is not told that it will sleep; so the bill is kept at the end of
 * each event that has added to it, by a zero timer where more of the same may come.
 */
import { attachmentOf, billOn, isOpen, keepBill, openSockets } from "./connection.ts";

/** The keeper of one room's bill. */
export class BillKeeper {
  readonly #ctx: DurableObjectState;
  readonly #text: () => string;
  /** The socket that carries the bill: one at a time, so that there is one to find. */
  #bearer: WebSocket | undefined;
  #isDue = false;

  constructor(ctx: DurableObjectState, text: () => string) {
    this.#ctx = ctx;
    this.#text = text;
  }

  /** Something was counted: it is kept when the event that did so has ended. */
  readonly used = (): void => {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.keep();
    }, 0);
  };

  /** Keeps the bill now. */
  readonly keep = (): void => {
    if (this.#isDue) return; // in a moment
    this.#isDue = true; // reading the bill may count rows: they are in the next one
    this.read();
    const former = this.#bearer;
    this.#bearer = former && isFit(former) ? former : openSockets(this.#ctx).find(isFit);
    if (this.#bearer) keepBill(this.#bearer, this.#text());
    this.#isDue = false;
  };

  /** The bill that an earlier instance has left on a socket. */
  read(): string | undefined {
    this.#bearer ??= this.#ctx.getWebSockets().find((socket) => billOn(socket) !== undefined);
    return this.#bearer && billOn(this.#bearer);
  }
}

function isFit(socket: WebSocket): boolean {
  return isOpen(socket) && attachmentOf(socket) !== undefined;
}
