// The page of one canvas: connects, shows strokes and pointers as they come, sends yours.
import { connect, type Status } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";

import { canvas, type Point } from "../contract.ts";
import { byId } from "./dom.ts";
import { Drawing } from "./drawing.ts";
import { onPen } from "./pen.ts";
import { showPeople } from "./people.ts";
import { Pointers } from "./pointers.ts";
import { onName, yourName } from "./you.ts";

const name = new URLSearchParams(location.search).get("room") ?? "backdrop";
byId("room-name", HTMLElement).textContent = `The ${name}`;

const room = connect(canvas, { room: name, use: [presence] });
const drawing = new Drawing();
const pointers = new Pointers();

// The log is the drawing: after a reset it begins anew.
room.watch("resume", ({ kind }) => {
  if (kind !== "resumed") drawing.clear();
});
room.on("drawn", ({ by, points }) => {
  drawing.add({ by, points });
  if (by !== room.id) pointers.drawn(by);
});
room.on("wiped", () => drawing.clear());

// Presence: your part is sent at most every 50 ms, the latest last, and everybody's comes at that pace.
const shown: { at: Point | null; isDown: boolean } = { at: null, isDown: false };
const show = (): void => room.presence.set({ name: yourName(), ...shown });
show();
onName(show);
room.presence.watch(({ people }) => showPeople(people));
room.presence.subscribe(() => {
  pointers.show(room.presence.members.filter(({ id }) => id !== room.id));
});

onPen({
  moved(at, isDown) {
    Object.assign(shown, { at, isDown });
    show();
  },
  drawing: (from, to) => drawing.sketch(from, to),
  drew(points) {
    // Shown at once; the room's own event takes its place.
    const draft = drawing.draft(points);
    void room.send("draw", { points }).then(draft.arrived, draft.arrived);
  },
});
byId("wipe", HTMLButtonElement).addEventListener("click", () => {
  void room.send("wipe", null).catch(() => undefined); // a canvas that is gone is wiped
});

const words: Record<Status["state"], string> = {
  connecting: "connecting…",
  connected: "connected",
  reconnecting: "reconnecting…",
  closed: "not connected",
};
const status = byId("status", HTMLElement);
const showStatus = ({ state }: Status): void => {
  status.textContent = words[state];
  status.dataset.state = state;
};
showStatus(room.status);
room.watch("status", showStatus);
