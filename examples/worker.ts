// The reference Worker: one module that binds every example's room, behind one allow-list.
import { type AuthenticateContext, routeRooms } from "@greenroom/server";
import { jwt } from "@greenroom/server/jwt";

import { paddle } from "./auction/paddles.ts";
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
  /** Signs the auction's paddles. */
  PADDLE_SECRET: string;
};

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/notify/")) return notify(request, env);
    if (pathname === "/auction/paddle") return paddle(request, env.PADDLE_SECRET);
    // The auction lets in whoever has a paddle; the other examples let in everybody.
    const ofPaddles = jwt({ secret: env.PADDLE_SECRET });
    const authenticate = (asked: Request, context: AuthenticateContext) =>
      context.kind === "auction" ? ofPaddles(asked, context) : {};
    const rooms = {
      auction: env.AuctionRoom,
      chat: env.ChatRoom,
      cursors: env.CanvasRoom,
      notices: env.NoticeRoom,
    };
    return routeRooms(request, env, { rooms, authenticate });
  },
} satisfies ExportedHandler<Env>;
