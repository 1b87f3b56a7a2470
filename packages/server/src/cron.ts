/**
 * `import "@greenroom/server/cron"`: lets timers ring by cron expressions, in a time zone.
 *
 * Expressions are read by croner, which the project installs beside this package: a room that
 * does not use cron does not carry it.
 */
import { misuse } from "@greenroom/protocol";
import { Cron } from "croner";

import { type NextByCron, provideCron } from "./timer-when.ts";

/** The first occurrence of a cron expression after a time, in ms since 1970. Throws `bad-option`. */
export const nextByCron: NextByCron = (expression, timezone, after) => {
  try {
    const cron = new Cron(expression, { timezone: timezone ?? "UTC" });
    return cron.nextRun(new Date(after))?.getTime() ?? null;
  } catch (cause) {
    const zone = timezone === undefined ? "" : ` in ${timezone}`;
    throw misuse("bad-option", `The cron expression "${expression}"${zone} cannot be read.`, {
      cause,
    });
  }
};

provideCron(nextByCron);
