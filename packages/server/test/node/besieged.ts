// What the honest share with the besieged room: nobody else can write a message that it takes.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

const Message = v.object({ secret: v.literal("not for strangers"), key: v.string() });

export const besieged = contract({
  name: "typed",
  messages: { say: Message, later: Message },
  events: { said: v.string() },
  signals: { poke: v.string() },
  calls: { echo: { input: Message, output: v.string() } },
  presence: v.object({ at: v.number() }),
});

/** What the Worker tells of itself. */
export interface State {
  isolate: string;
  /** What a room has thrown at the platform. */
  readonly escaped: string[];
  readonly logged: string[];
}
