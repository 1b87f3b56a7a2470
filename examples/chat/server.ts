// The room: takes messages, keeps them, and tells everybody.
import { Room } from "@greenroom/server";

import { chat } from "./contract.ts";

export class ChatRoom extends Room.of(chat) {
  static override lifecycle = { expireAfter: 30 * 60_000 };
  static override log = { history: 50 };

  handlers = this.handle({
    onConnect: (member) => member.signal("pulse", this.#pulse()),
    say: (member, { name, text }) => {
      this.publish("said", { from: member.id, name, text });
      this.signal("pulse", this.#pulse());
    },
  });

  #pulse(): { messages: number; expiresAt: number | null } {
    return { messages: this.lifecycle.messages, expiresAt: this.lifecycle.deadline };
  }
}
