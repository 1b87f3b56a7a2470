// All lots with what became of them, and the bids for the one that is on.
import type { SaleState } from "../contract.ts";

type Props = {
  sale: SaleState | undefined;
  entries: readonly { readonly seq: number; readonly value: SaleState }[];
  me: string | undefined;
};

export function Catalogue({ sale, entries, me }: Props) {
  const bids = entries.filter(({ value }) => value.what === "bid" && value.lot === sale?.lot);
  const lot = sale?.lots.find(({ id }) => id === sale.lot);
  return (
    <aside>
      <section aria-labelledby="lots">
        <h2 id="lots">Catalogue</h2>
        {sale ? (
          <ol className="lots">
            {sale.lots.map(({ id, title, state, price, bidder }) => (
              <li key={id} data-state={state} aria-current={state === "open"}>
                <span>{title}</span>
                <span>
                  {state === "sold" && `${price}, ${bidder?.id === me ? "you" : bidder?.name}`}
                  {state === "unsold" && "back in the store"}
                  {state === "open" && "on the stage"}
                </span>
              </li>
            ))}
          </ol>
        ) : (
          <p>It is shown when the sale begins.</p>
        )}
      </section>
      <section aria-labelledby="bids">
        <h2 id="bids">Bids</h2>
        {bids.length > 0 ? (
          <ol className="ledger">
            {bids.toReversed().map(({ seq, value }) => {
              const then = value.lots.find(({ id }) => id === value.lot);
              return (
                <li key={seq}>
                  <span>{then?.bidder?.id === me ? "You" : then?.bidder?.name}</span>
                  <strong>{then?.price}</strong>
                </li>
              );
            })}
          </ol>
        ) : (
          <p>{lot ? `None for lot ${lot.id}.` : "None yet."}</p>
        )}
      </section>
    </aside>
  );
}
