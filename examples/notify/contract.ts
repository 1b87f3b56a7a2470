// What the Worker tells a room, and the room its listeners. Nobody else says anything.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

export const notices = contract({
  name: "notices",
  events: {
    posted: v.object({ text: v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(500)) }),
  },
});
