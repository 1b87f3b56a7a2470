// Compiled, never run: what a contract's types allow, and what must not compile.
import * as v from "valibot";

import {
  type CallInput,
  type CallOutput,
  contract,
  type InputOf,
  type NameOf,
  type OutputOf,
  type SchemaOf,
} from "../src/index.ts";

/** Compiles only where both types are the same. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

const chat = contract({
  messages: { say: v.pipe(v.string(), v.transform(Number)) },
  events: { said: v.string(), left: v.string() },
  calls: { up: { input: v.string(), output: v.number() }, now: { output: v.number() } },
});
type Chat = typeof chat.shape;

same<NameOf<Chat, "messages">, "say">(true);
same<NameOf<Chat, "events">, "said" | "left">(true);
same<NameOf<Chat, "signals">, never>(true);
same<InputOf<SchemaOf<Chat, "messages", "say">>, string>(true);
same<OutputOf<SchemaOf<Chat, "messages", "say">>, number>(true);
same<InputOf<CallInput<Chat, "calls", "up">>, string>(true);
same<CallInput<Chat, "calls", "now">, undefined>(true);
same<OutputOf<CallOutput<Chat, "calls", "up">>, number>(true);

// @ts-expect-error -- one name in two parts that share handlers
contract({ messages: { say: v.string() }, calls: { say: { output: v.string() } } });
// @ts-expect-error -- one name in two parts that share listeners
contract({ events: { said: v.string() }, signals: { said: v.string() } });
// @ts-expect-error -- no schema
contract({ messages: { say: "text" } });
// @ts-expect-error -- a call has an output
contract({ calls: { up: { input: v.string() } } });
// @ts-expect-error -- no such part
contract({ commands: { say: v.string() } });

// Names may be shared where listeners and handlers are not.
contract({ messages: { move: v.string() }, events: { move: v.string() } });
