import type { Performer } from "./ringing.ts";

/** How a room without a contract carries out what its timers do. */
export function plainPerformer(transaction: (run: () => void) => void): Performer {
  return {
    perform(tasks) {
      for (const task of tasks) {
        try {
          transaction(() => task.run());
        } catch (fault) {
          task.failed(fault);
        }
      }
    },
    gather: async (run) => {
      await run();
      return () => undefined;
    },
  };
}
