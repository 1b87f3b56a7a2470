// What a script ends with when a check fails: its message alone, without our own stack.

/** A failure that the message explains completely. */
export class Failure extends Error {}

process.on("uncaughtException", (error) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exit(1);
});
