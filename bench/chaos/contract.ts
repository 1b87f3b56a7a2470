// The contract of the room that the chaos command torments.
import { contract } from "@greenroom/client";
import * as v from "valibot";

const Message = v.object({ key: v.string() });

export const chaosRoom = contract({
  name: "chaos",
  messages: { put: Message },
  events: { put: Message },
});
