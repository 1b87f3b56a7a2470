// The sale as the room tells it: the newest event of the log is the state, and those before it are
// what has happened.
import { useLog, useRoom, useStatus } from "@greenroom/react";

import { auction } from "../contract.ts";
import { Bidding } from "./bidding.tsx";
import { Catalogue } from "./catalogue.tsx";
import { Drawing } from "./drawing.tsx";
import { Header } from "./header.tsx";
import { Opening } from "./opening.tsx";
import type { Paddle } from "./paddle.ts";

type Props = { room: string; paddle: Paddle; onLeave(): void };

export function Sale({ room: name, paddle, onLeave }: Props) {
  // The token goes along with each connection; the room sees what stands in it.
  const room = useRoom(auction, { room: name, token: paddle.token });
  const { state } = useStatus(room);
  const { entries } = useLog(room);
  const sale = entries.at(-1)?.value;
  const lot = sale?.lots.find(({ id }) => id === sale.lot);

  return (
    <>
      <Header room={name} state={state} paddle={paddle} onLeave={onLeave} />
      <main>
        <section className="stage" aria-label="On the stage">
          <Drawing lot={lot?.id ?? 0} />
          {sale && lot && sale.what !== "ended" ? (
            // Another lot is another form, with what was typed for the one before it gone.
            <Bidding key={lot.id} room={room} sale={sale} lot={lot} me={paddle.sub} />
          ) : (
            <Opening
              room={room}
              sale={sale}
              isThere={state === "connected"}
              sells={paddle.role === "auctioneer"}
            />
          )}
        </section>
        <Catalogue sale={sale} entries={entries} me={paddle.sub} />
      </main>
    </>
  );
}
