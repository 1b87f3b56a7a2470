// The room: takes messages, keeps them, and tells everybody.
import { Room } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";

import { chat, PAGE, type Said } from "./contract.ts";

export class ChatRoom extends Room.of(chat, { use: [presence()] }) {
  static override lifecycle = { expireAfter: 30 * 60_000 };
  static override log = { history: PAGE };

  handlers = this.handle({
    onConnect: (member) => member.signal("pulse", this.#pulse()),
    say: (member, { name, text }) => {
      this.publish("said", { from: member.id, name, text });
      this.signal("pulse", this.#pulse());
    },
    history: (_member, { before }) =>
      this.log.before(before, PAGE).map(({ seq, at, value }) => ({ seq, at, ...(value as Said) })),
  });

  #pulse(): { messages: number; expiresAt: number | null } {
    return { messages: this.lifecycle.messages, expiresAt: this.lifecycle.deadline };
  }
}
