/** Matchers for `expect`: `import "@greenroom/testing/matchers"` adds them. */
import { expect } from "vitest";

import { Findings } from "./findings.ts";
import type { ClientHistory } from "./history.ts";
import { judgeEnds, knownLog } from "./known-log.ts";
import type { Simulation } from "./simulate.ts";
import type { Came, ClientWaits } from "./test-client.ts";
import type { Verdict } from "./verdict.ts";

type Received = Pick<ClientWaits<never>, "came"> & Partial<Pick<ClientWaits<never>, "names">>;

/** What the matchers are called on, and with. */
interface RoomMatchers<Result> {
  /** The client was given this event or signal, with this value if there is one; up to now. */
  toHaveReceived(name: string, value?: unknown): Result;
  /** The clients were given the same entries in the same order, with no gap and no double. */
  toBeInOrder(): Result;
  /** The verdict of `simulate`, `chaos` or `judge`: nothing lost, doubled or reordered. */
  toHavePassed(): Result;
}

declare module "vitest" {
  // oxlint-disable-next-line typescript/no-empty-object-type -- merged into vitest's own
  interface Matchers<
    R extends void | Promise<void> = void | Promise<void>,
    T = unknown,
  > extends RoomMatchers<R> {}
}

expect.extend({
  toHaveReceived(client: Received, name: string, ...values: unknown[]) {
    if (client?.names && !client.names.includes(name)) {
      // Or else `not.toHaveReceived` would pass for ever with a name that is misspelt.
      throw new TypeError(
        `The client's contract has no event or signal "${name}"; it has ${client.names.join(", ") || "none"}.`,
      );
    }
    const ofName = came(client).filter((each) => each.name === name);
    const found = ofName.filter(
      ({ value }) => values.length === 0 || this.equals(value, values[0]),
    );
    const wanted =
      values.length === 0 ? name : `${name} ${this.utils.stringify(values[0], 10, { min: true })}`;
    const all = ofName
      .map(({ value }) => this.utils.stringify(value, 10, { min: true }))
      .join(", ");
    return {
      pass: found.length > 0,
      message: () =>
        this.isNot
          ? `The client was given ${wanted}, ${found.length} times.`
          : `The client was not given ${wanted}. Of that name came: ${all || "nothing"}.`,
    };
  },

  toBeInOrder(clients: readonly Received[]) {
    if (!Array.isArray(clients) || clients.length === 0) {
      throw new TypeError(
        "toBeInOrder takes a list of clients: expect([anna, ben]).toBeInOrder().",
      );
    }
    const findings = new Findings();
    const histories = clients.map((client): ClientHistory => ({
      sent: [],
      heard: heardOf(client),
    }));
    const log = knownLog(histories, findings);
    judgeEnds(histories, log, findings);
    return {
      pass: findings.told.length === 0,
      message: () =>
        findings.told.length === 0
          ? "The clients were given the same entries in the same order."
          : `The clients were not given the same:\n${findings.told.join("\n")}`,
    };
  },

  toHavePassed(verdict: Verdict & Partial<Simulation>) {
    if (!Array.isArray(verdict?.faults) || typeof verdict.lost !== "number") {
      throw new TypeError(
        "toHavePassed takes the verdict of `simulate`, `chaos` or `judge`: was it awaited?",
      );
    }
    const { lost, duplicated, reordered, faults, ...rest } = verdict;
    const seed = rest.seed === undefined ? "" : ` (seed ${rest.seed})`;
    const steps = rest.steps?.length ? ["What was done to them:", ...rest.steps] : [];
    const again = rest.steps
      ? [`simulate(room, contract, { seed: ${rest.seed}, ... }) in a new room does the same again.`]
      : [];
    return {
      pass: lost + duplicated + reordered === 0,
      message: () =>
        `${lost} lost, ${duplicated} duplicated, ${reordered} reordered${seed}.\n${[...faults, ...steps, ...again].join("\n")}`,
    };
  },
});

function came(client: Received): readonly Came[] {
  if (Array.isArray(client?.came)) return client.came;
  throw new TypeError("This matcher takes a client of a test room.");
}

function heardOf(client: Received): ClientHistory["heard"] {
  return came(client).flatMap(({ name, value, seq, epoch }) =>
    seq === undefined ? [] : [{ seq, epoch: epoch ?? null, key: JSON.stringify([name, value]) }],
  );
}
