// The limits of a world's room, by chance, and what it keeps of them with a connection.
import type { DeliveryContext } from "../../src/jobs.ts";
import { type Limits, limitsOf } from "../../src/limits.ts";
import { Rates, type Verdict } from "../../src/rates.ts";
import type { Connection } from "./line.ts";

/** In half of all worlds members lag, and in one of five they can go over a rate. */
export function limitsBy(random: () => number): Limits {
  const isNarrow = random() < 0.5;
  const isRated = random() < 0.2;
  return limitsOf({
    lag: isNarrow && 20 + Math.floor(random() ** 2 * 1_500),
    rate: isRated && { perSecond: 300, burst: 1 + Math.floor(random() * 60) },
    roomRate: isRated && { perSecond: 500, burst: 1 + Math.floor(random() * 100) },
    sessions: random() < 0.3 && 1,
    handlerTime: false,
  });
}

/** Rates by which whoever `isHasty` says is in haste, however much it has sent. */
class HastyRates extends Rates<Connection> {
  isHasty = (): boolean => false;

  override admit(...asked: Parameters<Rates<Connection>["admit"]>): Verdict {
    const verdict = super.admit(...asked);
    return this.isHasty() ? { ...verdict, isHasty: true } : verdict;
  }
}

/**
 * The parts of a delivery that enforce them; `count` is told when a member begins to lag and when a
 * frame comes in haste: one in eight, where there is a `random`.
 */
export function keptWith(
  limits: Limits,
  count: (what: "lag" | "haste") => void,
  random?: () => number,
): Pick<DeliveryContext<Connection>, "limits" | "rates" | "places"> {
  const rates = new HastyRates(
    limits,
    {
      personOf: (connection) => connection.id,
      read: (socket) => socket.spent,
      write: (socket, spent) => {
        socket.spent = spent;
      },
    },
    { clock: () => 0 },
  );
  rates.isHasty = () => {
    const isHasty = random !== undefined && random() < 1 / 8;
    if (isHasty) count("haste");
    return isHasty;
  };
  return {
    limits,
    rates,
    places: {
      read: (socket) => socket.behind,
      write: (socket, behind) => {
        if (behind !== undefined && socket.behind === undefined) count("lag");
        socket.behind = behind;
      },
    },
  };
}
