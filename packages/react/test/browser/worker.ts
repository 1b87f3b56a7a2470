// The room of react.browser.test.ts.
import { Room, routeRooms } from "@greenroom/server";
import { pages } from "@greenroom/server/pages";
import { presence } from "@greenroom/server/presence";

import { chat } from "./contract.ts";

export class ChatRoom extends Room.of(chat, { use: [pages(), presence()] }) {
  static override log = { history: 5 };

  handlers = this.handle({
    say: (_, line) => this.publish("said", line),
  });
}

type Env = { ChatRoom: DurableObjectNamespace<ChatRoom> };

export default {
  fetch: (request, env) => routeRooms(request, env, { rooms: { chat: env.ChatRoom } }),
} satisfies ExportedHandler<Env>;
