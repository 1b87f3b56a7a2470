// The canvas with a short grace, so that a test sees somebody leave.
import { Room, routeRooms } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";

import { canvas } from "../contract.ts";
import { CanvasRoom } from "../server.ts";
import { GRACES } from "./graces.ts";

export { CanvasRoom };

export class BriefCanvas extends Room.of(canvas, { use: [presence(GRACES)] }) {
  static override log = { entries: 3_000, history: 3_000 };

  handlers = this.handle({
    draw: (member, { points }) => this.publish("drawn", { by: member.id, points }),
    wipe: (member) => this.publish("wiped", { by: member.id }),
  });
}

type Env = {
  BriefCanvas: DurableObjectNamespace<BriefCanvas>;
  CanvasRoom: DurableObjectNamespace<CanvasRoom>;
};

export default {
  fetch: (request, env) =>
    routeRooms(request, env, { rooms: { cursors: env.BriefCanvas, canvas: env.CanvasRoom } }),
} satisfies ExportedHandler<Env>;
