// The reference Worker: one module that binds every example's room, behind one allow-list.
import { routeRooms } from "@greenroom/server";

import { AuctionRoom } from "./auction/server.ts";
import { ChatRoom } from "./chat/server.ts";
import { CanvasRoom } from "./cursors/server.ts";
import { NoticeRoom, notify } from "./notify/server.ts";

export { AuctionRoom, CanvasRoom, ChatRoom, NoticeRoom };

type Env = {
  AuctionRoom: DurableObjectNamespace<AuctionRoom>;
  CanvasRoom: DurableObjectNamespace<CanvasRoom>;
  ChatRoom: DurableObjectNamespace<ChatRoom>;
  NoticeRoom: DurableObjectNamespace<NoticeRoom>;
};

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname.startsWith("/notify/")) return notify(request, env);
    const rooms = {
      auction: env.AuctionRoom,
      chat: env.ChatRoom,
      cursors: env.CanvasRoom,
      notices: env.NoticeRoom,
    };
    return routeRooms(request, env, { rooms });
  },
} satisfies ExportedHandler<Env>;
