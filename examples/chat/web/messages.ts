// The list of messages: those that the room has kept, and below them yours that are on their way.
import { dress, hueOf } from "./avatar.ts";
import { byId, make } from "./dom.ts";

export type Message = { from: string; name: string; text: string; at: number; mine: boolean };

/** A message that takes longer than this to arrive, in ms, is shown to be on its way. */
const SLOW = 400;

/** What follows within this time, in ms, from the same person stands under one name. */
const TOGETHER = 3 * 60_000;

const log = byId("log", HTMLElement);
const kept = byId("messages", HTMLOListElement);
const outgoing = byId("outgoing", HTMLOListElement);
const newest = byId("newest", HTMLButtonElement);

let previous: Message | undefined;
/** The first one that is shown, whether it was kept before a notice or after. */
let oldest: Message | undefined;

/** Adds a message that the room has kept. */
export function showMessage(message: Message): void {
  kept.append(render(message, follows(message, previous)));
  previous = message;
  oldest ??= message;
}

/** Adds a page of older messages before all others; what is looked at stays where it is. */
export function showOlder(messages: readonly Message[]): void {
  const items = messages.map((message, index) =>
    render(message, follows(message, messages[index - 1])),
  );
  const next = kept.firstElementChild;
  kept.prepend(...items);
  const last = messages.at(-1);
  if (next && oldest && last && follows(oldest, last)) next.classList.remove("first");
  oldest = messages[0] ?? oldest;
}

/** Tells when somebody has come near the first message, or there is none to scroll to. */
export function onTop(look: () => Promise<void>): void {
  const isNear = (): boolean => log.scrollHeight - log.clientHeight + log.scrollTop < 300;
  log.addEventListener("scroll", () => isNear() && void look(), { passive: true });
}

/** Adds a line between messages. */
export function showNotice(text: string): void {
  kept.append(make("li", "notice", text));
  previous = undefined;
}

export function clearMessages(): void {
  kept.replaceChildren();
  previous = undefined;
  oldest = undefined;
}

/** Adds a message of yours that the room does not have yet; the caller says what becomes of it. */
export function showOutgoing(text: string): {
  arrived(): void;
  failed(why: string, sendAgain: () => void): void;
} {
  const item = make("li", previous?.mine ? "message mine" : "message mine first");
  const state = make("p", "state", "sending…");
  item.append(make("p", "text", text), state);
  outgoing.append(item);
  log.scrollTop = 0;
  setTimeout(() => item.classList.add("slow"), SLOW);
  return {
    arrived: () => item.remove(),
    failed(why, sendAgain) {
      item.classList.add("failed");
      state.textContent = why;
      state.role = "alert";
      const discard = (): void => {
        item.remove();
        log.focus();
      };
      state.append(
        button("Send again", () => {
          discard();
          sendAgain();
        }),
        button("Discard", discard),
      );
    },
  };
}

/** Has screen readers pass over what follows at once, or read out what comes again. */
export function readOut(whether: boolean): void {
  log.ariaLive = whether ? "polite" : "off";
}

function button(label: string, press: () => void): HTMLButtonElement {
  const element = make("button", "", label);
  element.addEventListener("click", press);
  return element;
}

function follows({ from, name, at }: Message, before: Message | undefined): boolean {
  return before?.from === from && before.name === name && at - before.at < TOGETHER;
}

function render({ from, name, text, at, mine }: Message, follows: boolean): HTMLLIElement {
  const item = make("li", ["message", mine ? "mine" : "", follows ? "" : "first"].join(" "));
  item.style.setProperty("--hue", String(hueOf(from)));

  const avatar = make("span", "avatar");
  avatar.ariaHidden = "true";
  dress(avatar, from, name);

  const time = make("time", "", timeOf(at));
  time.dateTime = new Date(at).toISOString();
  const who = make("p", "who");
  who.append(make("strong", "", mine ? "You" : name), " ", time);

  item.append(avatar, who, make("p", "text", text));
  return item;
}

function timeOf(at: number): string {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return new Date(at).toLocaleString([], {
    timeStyle: "short",
    ...(!today && { dateStyle: "medium" }),
  });
}

// In a reversed column, 0 is the end and what is above has a negative place.
log.addEventListener("scroll", () => (newest.hidden = log.scrollTop > -120));
newest.addEventListener("click", () => {
  log.scrollTop = 0;
  log.focus();
});
