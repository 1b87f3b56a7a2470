// The Worker of the commands `abuse` and `slow-reader`.
import { contract, Room, routeRooms } from "@greenroom/server";
import * as v from "valibot";

const shape = contract({
  name: "limits",
  messages: { say: v.object({ text: v.string() }) },
  events: { said: v.string() },
});

/** With the defaults, as anybody's room. */
export class DefaultRoom extends Room.of(shape) {
  handlers = this.handle({ say: (_member, { text }) => this.publish("said", text) });
}

/** Keeps all that is published, so that who lags far behind can be held to every entry. */
export class LongRoom extends Room.of(shape) {
  static override limits = { rate: false, roomRate: false };
  static override log = { entries: 100_000, bytes: 1024 ** 3, history: 0 };

  handlers = this.handle({ say: (_member, { text }) => this.publish("said", text) });
}

interface Env {
  readonly DefaultRoom: DurableObjectNamespace<DefaultRoom>;
  readonly LongRoom: DurableObjectNamespace<LongRoom>;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    routeRooms(request, env, { rooms: { default: env.DefaultRoom, long: env.LongRoom } }),
};
