// The lot that is on: its clock, its price, and your bid.
import type { RoomClient } from "@greenroom/client";
import { useCall } from "@greenroom/react";

import { type Auction, type Lot, type SaleState, STEP } from "../contract.ts";
import { Countdown } from "./countdown.tsx";

const JUMPS = [STEP, 50, 100];

type Props = {
  room: RoomClient<Auction>;
  sale: SaleState;
  lot: Lot;
  me: string;
};

export function Bidding({ room, sale, lot, me }: Props) {
  const { call, answer, isPending, error } = useCall(room, "bid");
  const isMine = lot.bidder?.id === me;
  const isOpen = lot.state === "open";
  const bid = (amount: number): void => {
    void call({ lot: lot.id, amount }).catch(() => undefined); // shown below
  };

  return (
    <div className="bidding">
      <p className="number">
        Lot {lot.id} of {sale.lots.length}
      </p>
      <h2>{lot.title}</h2>
      <div className="figures">
        <Countdown until={sale.until} what={isOpen ? "left" : "to the next lot"} />
        <p className="price">
          <span>{priceWord(lot)}</span>
          <strong>{lot.price || "–"}</strong>
          <span className="leader" data-mine={isMine}>
            {lot.bidder ? (isMine ? "you lead" : lot.bidder.name) : "nobody yet"}
          </span>
        </p>
      </div>
      {isOpen ? (
        <div className="bids" role="group" aria-label="Your bid">
          {JUMPS.map((jump) => (
            <button
              key={jump}
              className={jump === STEP ? "primary" : ""}
              type="button"
              disabled={isPending || isMine}
              onClick={() => bid(lot.price + jump)}
            >
              Bid {lot.price + jump}
            </button>
          ))}
        </div>
      ) : (
        <p className="gone">{goneWord(lot, isMine)}</p>
      )}
      <p className="answer" role="alert">
        {error && (error.reason ?? "The room did not take that bid.")}
        {answer && !answer.leads && `Too late: the next bid is ${answer.least}.`}
      </p>
    </div>
  );
}

function priceWord({ state, bidder }: Lot): string {
  if (state === "sold") return "sold for";
  return bidder ? "highest bid" : "no bid";
}

function goneWord({ state, price, bidder }: Lot, isMine: boolean): string {
  if (state !== "sold") return "Nobody wanted it.";
  return isMine ? `It is yours, for ${price}.` : `It goes to ${bidder?.name}, for ${price}.`;
}
