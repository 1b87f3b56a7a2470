// The page of one room: connects, shows what comes, sends what you write.
import { connect, RoomError } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";

import { chat, PAGE } from "../contract.ts";
import { onSend } from "./composer.ts";
import {
  clearMessages,
  onTop,
  readOut,
  showMessage,
  showNotice,
  showOlder,
  showOutgoing,
} from "./messages.ts";
import { offerLink, roomOfPage, showRooms } from "./rooms.ts";
import { onTyping, showTyping } from "./typing.ts";
import { countUnread } from "./unread.ts";
import { onStartAgain, showPulse, showStatus } from "./vitals.ts";
import { introduceYou, yourName } from "./you.ts";

const name = roomOfPage();
showRooms(name);
offerLink();

const room = connect(chat, { room: name, use: [presence] });
showStatus(room.status);
room.watch("status", showStatus);
onStartAgain(() => room.reconnect());

let missed = 0;
/** The oldest message on the page; 1 has none before it. */
let oldest = 1;
room.watch("resume", (how) => {
  if (how.kind !== "resumed") oldest = 1;
  if (how.kind === "reset") {
    clearMessages();
    showNotice("The room began anew; what was said before is gone.");
  }
  if (how.kind === "snapshot") {
    showNotice("You were away for long: some messages between are missing.");
  }
  ({ missed } = how);
  readOut(missed === 0);
});

room.on("said", ({ from, name, text }, { seq, at }) => {
  const mine = from === room.id;
  showMessage({ from, name, text, at, mine });
  if (oldest === 1) oldest = seq;
  missed -= 1;
  if (missed < 0 && !mine) countUnread();
  // Later: screen readers look at a list after it has changed.
  if (missed === 0) setTimeout(() => readOut(true), 500);
});

room.on("pulse", showPulse);

// What was said before comes when somebody looks for it.
let isLoading = false;
onTop(async () => {
  if (isLoading || oldest <= 1) return;
  isLoading = true;
  try {
    const page = await room.call("history", { before: oldest });
    showOlder(page.map((message) => ({ ...message, mine: message.from === room.id })));
    oldest = page.length < PAGE ? 1 : (page[0]?.seq ?? 1);
  } catch {
    // Away, or the room began anew: looking once more asks again.
  }
  isLoading = false;
});

// Who is about to say something is presence: it passes, and is told at most every 50 ms.
const show = (isTyping: boolean): void => room.presence.set({ name: yourName(), isTyping });
onTyping(show);
room.presence.subscribe(() => {
  const others = room.presence.people.filter(({ isSelf }) => !isSelf);
  showTyping(others.flatMap(({ presence }) => (presence?.isTyping ? [presence.name] : [])));
});

let unsent = 0;
async function say(text: string): Promise<void> {
  const outgoing = showOutgoing(text);
  unsent += 1;
  try {
    await room.send("say", { name: yourName(), text });
    outgoing.arrived();
  } catch (error) {
    outgoing.failed(explain(error), () => void say(text));
  }
  unsent -= 1;
}
onSend((text) => void say(text));

// Last: when the question for your name closes, you are back where you write.
introduceYou(() => show(false));

// What waits for the room lives in this page: ask before it is lost.
addEventListener("beforeunload", (event) => {
  if (unsent > 0) event.preventDefault();
});

function explain(error: unknown): string {
  switch (error instanceof RoomError ? error.code : "") {
    case "closed":
    case "expired":
      return "The room closed before it got this.";
    case "outcome-unknown":
      return "The room began anew meanwhile; nobody knows whether it got this.";
    case "outbox-full":
      return "Too much is waiting to be sent.";
    default:
      return "The room could not take this.";
  }
}
