// Your name: asked for once, remembered, and changed at any time.
import { dress } from "./avatar.ts";
import { byId } from "./dom.ts";

const dialog = byId("name-dialog", HTMLDialogElement);
const input = byId("name", HTMLInputElement);

/** The name that goes with what you say. */
export function yourName(): string {
  return localStorage.getItem("name") ?? "Guest";
}

/** Shows the name, asks for one where there is none, and tells when it has changed. */
export function introduceYou(changed: () => void): void {
  showName();
  byId("rename", HTMLButtonElement).addEventListener("click", ask);
  dialog.addEventListener("close", () => {
    // Whoever turns the question down is a guest.
    localStorage.setItem("name", input.value.trim() || yourName());
    showName();
    changed();
  });
  if (localStorage.getItem("name") === null) ask();
}

function ask(): void {
  input.value = localStorage.getItem("name") ?? "";
  dialog.showModal();
  input.select();
}

function showName(): void {
  byId("you-name", HTMLElement).textContent = yourName();
  dress(byId("you-avatar", HTMLElement), yourName(), yourName());
}
