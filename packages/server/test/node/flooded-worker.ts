// The Worker of breath.node.test.ts: a room that takes all that comes.
import { contract, Room, routeRooms } from "@greenroom/server";
import * as v from "valibot";

const flooded = contract({
  name: "flooded",
  messages: { say: v.object({ text: v.string() }) },
  events: { said: v.string() },
  calls: { said: { output: v.number() } },
});

export class FloodedRoom extends Room.of(flooded) {
  static override limits = { rate: false, roomRate: false };

  /** What it has heard since it is awake. */
  heard = 0;

  handlers = this.handle({
    say: (_member, { text }) => {
      this.heard += 1;
      this.publish("said", text);
    },
    said: () => this.heard,
  });
}

interface Env {
  readonly FloodedRoom: DurableObjectNamespace<FloodedRoom>;
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    routeRooms(request, env, { rooms: { flooded: env.FloodedRoom } }),
};
