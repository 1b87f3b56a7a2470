// The contract of the rooms that the soak command keeps busy.
import { contract } from "@greenroom/client";
import * as v from "valibot";

const Message = v.object({ key: v.string() });

export const soakRoom = contract({
  messages: { put: Message },
  events: { put: Message },
});
