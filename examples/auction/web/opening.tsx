// Before the first lot, and after the last.
import type { RoomClient } from "@greenroom/client";
import { useSend } from "@greenroom/react";

import type { Auction, SaleState } from "../contract.ts";

type Props = {
  room: RoomClient<Auction>;
  sale: SaleState | undefined;
  isThere: boolean;
  sells: boolean;
};

export function Opening({ room, sale, isThere, sells }: Props) {
  const { send, isPending, error } = useSend(room, "begin");
  const taken = sale?.lots.filter(({ state }) => state === "sold") ?? [];
  const total = taken.reduce((sum, { price }) => sum + price, 0);
  return (
    <div className="opening">
      <h2>{sale ? "The sale is over" : "The house is open"}</h2>
      <p>
        {sale
          ? `${taken.length} of ${sale.lots.length} lots went, for ${total} in all.`
          : "The lots are on their stands."}
      </p>
      {sells ? (
        <button
          className="primary"
          type="button"
          disabled={!isThere || isPending}
          onClick={() => void send(null).catch(() => undefined) /* shown below */}
        >
          {sale ? "Begin again" : "Begin the sale"}
        </button>
      ) : (
        <p>The auctioneer begins {sale ? "the next one" : "it"}.</p>
      )}
      {error && <p role="alert">{error.reason ?? "The room could not begin."}</p>}
    </div>
  );
}
