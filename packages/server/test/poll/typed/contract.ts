// What the poll's two ends agree on.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

export const Poll = v.object({
  question: v.string(),
  options: v.array(v.string()),
  votes: v.array(v.number()),
  open: v.boolean(),
});
export type Poll = v.InferOutput<typeof Poll>;

export const poll = contract({
  name: "poll",
  messages: { vote: v.object({ option: v.number() }) },
  events: { changed: Poll },
  snapshot: v.nullable(Poll), // what newcomers get
});
