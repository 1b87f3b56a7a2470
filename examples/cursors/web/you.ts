// Your name: one of the house's to begin with, remembered, and changed at any time.
import { byId } from "./dom.ts";

const NAMES = ["Fern", "Moth", "Juniper", "Sable", "Wren", "Briar", "Heron", "Thistle"];

const input = byId("name", HTMLInputElement);
const form = byId("you", HTMLFormElement);

/** The name that others see beside your pointer. */
export function yourName(): string {
  return localStorage.getItem("name") ?? "Somebody";
}

/** Tells when it has changed. */
export function onName(changed: () => void): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    input.blur();
  });
  input.addEventListener("change", () => {
    localStorage.setItem("name", input.value.trim() || yourName());
    input.value = yourName();
    changed();
  });
}

if (localStorage.getItem("name") === null) {
  localStorage.setItem("name", NAMES[Math.floor(Math.random() * NAMES.length)]!);
}
input.value = yourName();
