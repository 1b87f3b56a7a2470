// A small room, as a user would write it.
import { Room, routeRooms } from "@greenroom/server";

import { chat } from "./contract.ts";

export class ChatRoom extends Room.of(chat) {
  handlers = this.handle({
    say: (member, { text }) => void this.publish("said", { from: member.id, text }),
  });
}

type Env = { ChatRoom: DurableObjectNamespace<ChatRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.ChatRoom } }),
} satisfies ExportedHandler<Env>;
