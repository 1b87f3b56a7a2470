// Whether an object is stored, which is billed.
import type { TestRoom } from "@greenroom/testing/workers";

/** Storage of an object that holds nothing, in bytes. */
const EMPTY = 4_096;

/** Whether anything is stored. */
export function storesAnything(room: Pick<TestRoom<undefined>, "run">): Promise<boolean> {
  return room.run((_object, { storage }) => storage.sql.databaseSize > EMPTY);
}
