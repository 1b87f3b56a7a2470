// The room: keeps the strokes, and tells everybody where everybody's pointer is.
import { Room } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";

import { canvas } from "./contract.ts";

export class CanvasRoom extends Room.of(canvas, { use: [presence()] }) {
  /** The log is the drawing: whoever comes gets all of it. */
  static override log = { entries: 3_000, history: 3_000 };

  handlers = this.handle({
    draw: (member, { points }) => this.publish("drawn", { by: member.id, points }),
    wipe: (member) => this.publish("wiped", { by: member.id }),
  });
}
