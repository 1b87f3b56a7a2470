// What the room and the page tell each other. An event tells the whole sale: the newest is the state.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));
const money = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));

/** The least by which a bid is higher than the one before it. */
export const STEP = 10;

/** Who somebody is: what stands on their paddle. */
export const claims = v.object({
  sub: v.string(),
  name,
  role: v.picklist(["bidder", "auctioneer"]),
});

const lot = v.object({
  id: v.number(),
  title: v.string(),
  state: v.picklist(["waiting", "open", "sold", "unsold"]),
  /** The highest bid; 0 while there is none. */
  price: money,
  bidder: v.nullable(v.object({ id: v.string(), name })),
});

/** What has just happened. */
const moment = v.picklist(["opened", "bid", "closed", "ended"]);

const sale = v.object({
  what: moment,
  lot: v.number(),
  /** When it ends, or the next begins, in ms since 1970; null after the last. */
  until: v.nullable(v.number()),
  lots: v.array(lot),
});

export const auction = contract({
  name: "auction",
  claims,
  messages: { begin: v.null() }, // the auctioneer's alone
  // A bid is a call: its answer says whether you lead, and what the next bid has to be.
  calls: {
    bid: {
      input: v.object({ lot: v.number(), amount: money }),
      output: v.object({ leads: v.boolean(), least: money }),
    },
  },
  events: { sale },
});

export type Lot = v.InferOutput<typeof lot>;
export type Moment = v.InferOutput<typeof moment>;
export type SaleState = v.InferOutput<typeof sale>;
/** The type of the room, for those who take it as an argument. */
export type Auction = typeof auction.shape;
