// The sale: lots that open and close by durable timers, and bids that are one transaction each.
import { refuse, Room } from "@greenroom/server";
import * as v from "valibot";

import { auction, type Moment, STEP } from "./contract.ts";
import { lotsOf, SCHEMA } from "./lots.ts";

const timers = { open: v.number(), close: v.number() };

export class AuctionRoom extends Room.of(auction, { timers }) {
  static override log = { history: 30 };
  static override migrations = [SCHEMA];
  /** In ms: a lot's time, what a bid leaves of it at least, and the pause after it. */
  static pace = { lot: 30_000, overtime: 10_000, pause: 6_000 };
  readonly #pace = (this.constructor as typeof AuctionRoom).pace;

  handlers = this.handle({
    authorize: ({ claims }, { name }) => name !== "begin" || claims.role === "auctioneer",
    begin: () => {
      if (this.timers.list().length > 0) throw refuse("the sale has begun");
      this.sql`UPDATE lots SET state = 'waiting', price = 0, bidder = NULL`;
      this.#open(1);
    },
    bid: ({ claims }, { lot, amount }) => {
      const open = this.#lots().find(({ id, state }) => id === lot && state === "open");
      if (!open) throw refuse("this lot is closed");
      const least = open.price + STEP;
      if (amount < least) return { leads: false, least };
      const bidder = JSON.stringify({ id: claims.sub, name: claims.name });
      this.sql`UPDATE lots SET price = ${amount}, bidder = ${bidder} WHERE id = ${lot}`;
      const due = this.timers.get("close")?.due ?? 0;
      this.#next("bid", lot, "close", Math.max(due, Date.now() + this.#pace.overtime));
      return { leads: true, least: amount + STEP };
    },
    onTimer: {
      open: (lot) => this.#open(lot),
      close: (lot) => {
        this.sql`UPDATE lots SET state = IIF(bidder IS NULL, 'unsold', 'sold') WHERE id = ${lot}`;
        if (lot === this.#lots().length) this.#tell("ended", lot, null);
        else this.#next("closed", lot, "open", Date.now() + this.#pace.pause);
      },
    },
  });
  readonly #lots = () => lotsOf(this.ctx.storage.sql);

  #open(lot: number): void {
    this.sql`UPDATE lots SET state = 'open' WHERE id = ${lot}`;
    this.#next("opened", lot, "close", Date.now() + this.#pace.lot);
  }
  /** Tells what has happened, and sets the timer of what comes next, though everybody leaves. */
  #next(what: Moment, lot: number, timer: "open" | "close", at: number): void {
    this.timers.set(timer, { at, keepAlive: true }, timer === "open" ? lot + 1 : lot);
    this.#tell(what, lot, at);
  }
  #tell(what: Moment, lot: number, until: number | null): void {
    this.publish("sale", { what, lot, until, lots: this.#lots() });
  }
}
