// The chat's room with a short life and a short memory, so that a test sees the end of both.
import { routeRooms } from "@greenroom/server";

import { ChatRoom } from "../server.ts";

export class BriefRoom extends ChatRoom {
  static override lifecycle = { expireAfter: 2_000 };
  static override log = { history: 5, entries: 5 };
}

type Env = { BriefRoom: DurableObjectNamespace<BriefRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.BriefRoom } }),
} satisfies ExportedHandler<Env>;
