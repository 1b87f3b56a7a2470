/** What a contract room does with what its Worker tells it: see `get-room.ts`. */
import {
  type ContractShape,
  encodeItem,
  type Fault,
  RoomError,
  validate,
} from "@greenroom/protocol";

import type { Delivery } from "./delivery.ts";
import type { Told } from "./get-room.ts";
import { isMeant, meant, meantFault } from "./report.ts";
import { bounded } from "./size.ts";

/** Takes one event or signal; throws `unknown`, `invalid` or `too-large`, and what writing failed with. */
export type FromWorker = (kind: Told, name: string, value: unknown) => void;

/** The Worker's way into one room: what comes is validated as a client's message is. */
export function fromWorker(shape: ContractShape, delivery: Delivery<WebSocket>): FromWorker {
  const { events = {}, signals = {} } = shape;
  return (kind, name, value) => {
    const schemas = kind === "publish" ? events : signals;
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    if (!schema) throw new RoomError("unknown");
    const result = validate(schema, value);
    if (!result.ok) throw meant("invalid", { issues: result.issues });
    if (kind === "publish") {
      const entry = JSON.stringify([name, value ?? null, Date.now()]);
      delivery.publish(bounded(entry, `The event "${name}"`));
    } else {
      delivery.emit({ item: bounded(encodeItem(["s", name, value]), `The signal "${name}"`) });
    }
  };
}

/** A fault as a value: RPC would log what is thrown as an exception that nobody has caught. */
export function workerFault(fault: unknown, report: (fault: unknown) => string): Fault {
  if (isMeant(fault)) return meantFault(fault);
  if (fault instanceof RoomError) {
    if (fault.code === "unknown" || fault.code === "expired") return { code: fault.code };
    if (fault.code === "failed" && fault.id !== undefined) return { code: "failed", id: fault.id };
  }
  return { code: "failed", id: report(fault) };
}
