// Where you write: Enter sends, Shift+Enter begins a new line.
import { byId } from "./dom.ts";

const form = byId("composer", HTMLFormElement);
const field = byId("text", HTMLTextAreaElement);

/** Tells what you send; you can write at once. */
export function onSend(send: (text: string) => void): void {
  field.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.focus();
    if (text === "") return;
    field.value = "";
    send(text);
  });
  field.addEventListener("keydown", (event) => {
    // While an input method composes a word, Enter belongs to it.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
