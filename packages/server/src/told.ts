/** What the sender of a message is told of a fault: what its handler meant for it, or an id. */
import type { Fault } from "@greenroom/protocol";

import type { DeliveryContext } from "./jobs.ts";
import type { Socket } from "./members.ts";
import { isMeant, meantFault } from "./report.ts";

/**
 * Reports the fault of a handler where it is one, and gives what its sender is told. `onError` is
 * called with `socket`; `sender` is who hears of it, and may have asked for its text.
 */
export function faultOf<S extends Socket>(
  { report, detail, tell, members }: DeliveryContext<S>,
  fault: unknown,
  name: string,
  socket?: S,
  sender: S | undefined = socket,
): Fault {
  if (!isMeant(fault)) {
    const told: Fault = { code: "failed", id: report(fault, `the handler of "${name}"`, socket) };
    return detail?.(told, fault, sender) ?? told;
  }
  if (fault.code === "refused") {
    const member = sender && members.idOf(sender);
    tell?.("refuse", () => ({ code: "refused", name, ...(member && { member }) }));
  }
  return meantFault(fault);
}
