// The reference Worker: one module that binds every example's room.
import { routeRooms } from "@greenroom/server";

import { ChatRoom } from "./chat/server.ts";

export { ChatRoom };

type Env = { ChatRoom: DurableObjectNamespace<ChatRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.ChatRoom } }),
} satisfies ExportedHandler<Env>;
