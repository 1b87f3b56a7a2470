// The chat's room with a short life or a short memory, so that a test sees the end of each; a room of
// any other name is that of the example.
import { routeRooms } from "@greenroom/server";

import { ChatRoom } from "../server.ts";

export { ChatRoom };

export class BriefRoom extends ChatRoom {
  static override lifecycle = { expireAfter: 3_000 };
}

export class ForgetfulRoom extends ChatRoom {
  static override log = { history: 5, entries: 5 };
}

type Env = {
  BriefRoom: DurableObjectNamespace<BriefRoom>;
  ChatRoom: DurableObjectNamespace<ChatRoom>;
  ForgetfulRoom: DurableObjectNamespace<ForgetfulRoom>;
};

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    let chat: DurableObjectNamespace<ChatRoom> = env.ChatRoom;
    if (pathname.endsWith("/brief")) chat = env.BriefRoom;
    if (pathname.endsWith("/forgetful")) chat = env.ForgetfulRoom;
    return routeRooms(request, env, { rooms: { chat } });
  },
} satisfies ExportedHandler<Env>;
