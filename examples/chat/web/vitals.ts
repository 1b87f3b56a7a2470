// How the room is: the connection to it, its count of messages, and when it expires.
import type { Status } from "@greenroom/client";

import { byId } from "./dom.ts";

const status = byId("status", HTMLElement);
const count = byId("count", HTMLElement);
const expiry = byId("expiry", HTMLElement);
const composer = byId("composer", HTMLFormElement);
const ended = byId("ended", HTMLElement);
const again = byId("again", HTMLButtonElement);

let expiresAt: number | null = null;

export function showPulse(pulse: { messages: number; expiresAt: number | null }): void {
  const { messages } = pulse;
  count.textContent = messages === 1 ? "1 message" : `${messages || "no"} messages`;
  expiresAt = pulse.expiresAt;
  showExpiry();
}

export function showStatus(now: Status): void {
  document.body.dataset.status = now.state;
  const expired = now.state === "closed" && now.reason === "expired";
  status.textContent = expired ? "expired" : WORDS[now.state];
  if (now.state === "closed") showEnd(now.reason);
  else hideEnd();
}

/** The button under a connection that has ended. */
export function onStartAgain(start: () => void): void {
  again.addEventListener("click", start);
}

/** What is shown for each state. */
const WORDS: Record<Status["state"], string> = {
  connecting: "connecting…",
  connected: "connected",
  reconnecting: "reconnecting…",
  closed: "not connected",
};

/** Why a connection has ended, and what the button says; by the names of close codes. */
const ENDS: Record<string, [why: string, button: string]> = {
  expired: ["This room has expired: nobody spoke for a while, so it was cleared.", "Start again"],
  superseded: ["You have opened this room somewhere else.", "Use it here"],
};

function showEnd(reason: string): void {
  expiresAt = null;
  showExpiry();
  const hadFocus = composer.contains(document.activeElement);
  composer.hidden = true;
  ended.hidden = false;
  const [why, button] = ENDS[reason] ?? ["The connection to this room has ended.", "Connect again"];
  byId("ended-why", HTMLElement).textContent = why;
  again.textContent = button;
  if (hadFocus) again.focus();
}

function hideEnd(): void {
  const hadFocus = ended.contains(document.activeElement);
  ended.hidden = true;
  composer.hidden = false;
  if (hadFocus) byId("text", HTMLTextAreaElement).focus();
}

function showExpiry(): void {
  const left = expiresAt === null ? null : Math.max(0, expiresAt - Date.now());
  const text = left === null ? "" : `· expires in ${durationOf(left)}`;
  if (expiry.textContent !== text) expiry.textContent = text;
}

function durationOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

setInterval(showExpiry, 1000);
