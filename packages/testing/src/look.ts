/** The kit's own looks into an object, which may die at any time: it is then looked at again. */
import { plugin } from "./plugin.ts";

/** So often an object may die under one look: a client that sends again what kills it goes on for ever. */
const DEATHS = 10;

/** Looks into an object, again where it dies meanwhile; `callback` may thus be called more than once. */
export async function look<Result>(
  stub: () => object,
  callback: (instance: DurableObject, state: DurableObjectState) => Result | Promise<Result>,
): Promise<Result> {
  const { runInDurableObject } = await plugin();
  let death: unknown;
  for (let deaths = 0; deaths < DEATHS; deaths++) {
    try {
      return await runInDurableObject(stub(), callback);
    } catch (fault) {
      if (!isDeath(fault)) throw fault;
      death = fault;
    }
  }
  const why = death instanceof Error ? death.message : String(death);
  throw new Error(`The room dies again and again, ${DEATHS} times in one look: ${why}`, {
    cause: death,
  });
}

/** Whether the platform says that the object has died, whatever of. */
function isDeath(fault: unknown): boolean {
  return (
    typeof fault === "object" &&
    fault !== null &&
    "durableObjectReset" in fault &&
    fault.durableObjectReset === true
  );
}
