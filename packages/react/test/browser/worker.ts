// The room of react.browser.test.ts.
import { Room, routeRooms } from "@greenroom/server";

import { chat } from "./contract.ts";

export class ChatRoom extends Room.of(chat) {
  static override log = { history: 5 };

  handlers = this.handle({
    say: (_, line) => this.publish("said", line),
    history: (_, { before, limit }) => this.log.before(before, limit) as never,
  });
}

type Env = { ChatRoom: DurableObjectNamespace<ChatRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.ChatRoom } }),
} satisfies ExportedHandler<Env>;
