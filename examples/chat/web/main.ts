// The page of one room: connects, shows what comes, sends what you write.
import { connect, RoomError } from "@greenroom/client";

import { chat } from "../contract.ts";
import { onSend } from "./composer.ts";
import { clearMessages, readOut, showMessage, showNotice, showOutgoing } from "./messages.ts";
import { offerLink, roomOfPage, showRooms } from "./rooms.ts";
import { onStartAgain, showPulse, showStatus } from "./vitals.ts";
import { introduceYou, yourName } from "./you.ts";

const name = roomOfPage();
showRooms(name);
offerLink();

const room = connect(chat, { room: name });
showStatus(room.status);
room.watch("status", showStatus);
onStartAgain(() => room.reconnect());

let missed = 0;
room.watch("resume", (how) => {
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

room.on("said", ({ from, name, text }, { at }) => {
  showMessage({ from, name, text, at, mine: from === room.id });
  missed -= 1;
  // Later: screen readers look at a list after it has changed.
  if (missed === 0) setTimeout(() => readOut(true), 500);
});

room.on("pulse", showPulse);

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
introduceYou();

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
