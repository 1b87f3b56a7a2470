/**
 * What people are told of a connection: nothing of a short blip. `lost` comes only after
 * `lostAfter` without a connection, and then either `restored` or `failed`.
 */
import type { Clock } from "./clock.ts";

/** What is told of an outage. */
export type OutageMoment = "lost" | "restored" | "failed";

/** The outages of one client. */
export class Outage {
  readonly #clock: Clock;
  readonly #lostAfter: number;
  readonly #tell: (moment: OutageMoment) => void;
  #state: "none" | "brief" | "lost" = "none";
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, lostAfter: number, tell: (moment: OutageMoment) => void) {
    this.#clock = clock;
    this.#lostAfter = lostAfter;
    this.#tell = tell;
  }

  /** There is no connection, and one is wanted. */
  begin(): void {
    if (this.#state !== "none") return;
    this.#state = "brief";
    this.#cancel = this.#clock.after(this.#lostAfter, () => {
      this.#state = "lost";
      this.#tell("lost");
    });
  }

  /** It is over: by a connection, for good, or because the app wants none. */
  end(moment: "restored" | "failed" | undefined): void {
    this.#cancel?.();
    const wasLost = this.#state === "lost";
    this.#state = "none";
    if (wasLost && moment) this.#tell(moment);
  }
}
