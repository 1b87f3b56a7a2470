// The reference Worker: one module that binds every example's room, behind one allow-list.
import { routeRooms } from "@greenroom/server";

import { ChatRoom } from "./chat/server.ts";
import { NoticeRoom, notify } from "./notify/server.ts";

export { ChatRoom, NoticeRoom };

type Env = {
  ChatRoom: DurableObjectNamespace<ChatRoom>;
  NoticeRoom: DurableObjectNamespace<NoticeRoom>;
};

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname.startsWith("/notify/")) return notify(request, env);
    return routeRooms(request, env, { rooms: { chat: env.ChatRoom, notices: env.NoticeRoom } });
  },
} satisfies ExportedHandler<Env>;
