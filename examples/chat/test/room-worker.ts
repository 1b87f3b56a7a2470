// The Worker that the room's tests run in: the room, and the way to it.
import { routeRooms } from "@greenroom/server";

import { ChatRoom } from "../server.ts";

export { ChatRoom };

type Env = { ChatRoom: DurableObjectNamespace<ChatRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.ChatRoom } }),
} satisfies ExportedHandler<Env>;
