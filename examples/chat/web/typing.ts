// Who is about to say something: you, to the others, and the others, to you.
import { byId } from "./dom.ts";

/** After so long without a key, in ms, nobody is about to say anything any more. */
const PAUSE = 3_000;

const form = byId("composer", HTMLFormElement);
const field = byId("text", HTMLTextAreaElement);
const line = byId("typing", HTMLElement);

/** Tells when you begin to write, and when you stop. */
export function onTyping(tell: (isTyping: boolean) => void): void {
  let isTyping = false;
  let pause: ReturnType<typeof setTimeout>;
  const become = (typing: boolean): void => {
    clearTimeout(pause);
    if (typing) pause = setTimeout(() => become(false), PAUSE);
    if (typing === isTyping) return;
    isTyping = typing;
    tell(typing);
  };
  field.addEventListener("input", () => become(field.value.trim() !== ""));
  form.addEventListener("submit", () => become(false));
  tell(false);
}

/** Shows who is writing, by name. */
export function showTyping(names: readonly string[]): void {
  const [first = "", second = ""] = names;
  const words = ["", `${first} is typing…`, `${first} and ${second} are typing…`];
  const text = words[names.length] ?? `${names.length} people are typing…`;
  if (line.textContent !== text) line.textContent = text;
}
