/**
 * What people are told of a connection: nothing of a short blip. `lost` comes only after
 * `lostAfter` without a connection, and then either `restored` or `failed`.
 */
import type { Clock } from "./clock.ts";

/** What is told of an outage. */
export type OutageMoment = "lost" | "restored" | "failed";

/** The outages of one client. */
export interface Outage {
  /** There is no connection, and one is wanted. */
  begin(): void;
  /** It is over: by a connection, for good, or because the app wants none. */
  end(moment?: "restored" | "failed"): void;
}

/** Tells of the outages that last. */
export function outage(
  clock: Clock,
  lostAfter: number,
  tell: (moment: OutageMoment) => void,
): Outage {
  let state: "none" | "brief" | "lost" = "none";
  let cancel = (): void => undefined;
  return {
    begin() {
      if (state !== "none") return;
      state = "brief";
      cancel = clock.after(lostAfter, () => {
        state = "lost";
        tell("lost");
      });
    },
    end(moment) {
      cancel();
      const was = state;
      state = "none";
      if (was === "lost" && moment) tell(moment);
    },
  };
}
