// The Worker that strangers attack in hostile.node.test.ts: a raw room and a contract room.
import { contract, Room, routeRooms } from "@greenroom/server";
import type { Connection } from "partyserver";
import * as v from "valibot";

const shape = contract({ messages: { say: v.string() }, events: { said: v.string() } });

export class Raw extends Room {
  override onMessage(connection: Connection, message: string | ArrayBuffer): void {
    connection.send(`${typeof message} ${this.lifecycle.messages}`);
  }
}

export class Typed extends Room.of(shape) {
  handlers = this.handle({ say: (_member, text) => this.publish("said", text) });
}

interface Env extends Cloudflare.Env {
  Raw: DurableObjectNamespace<Raw>;
  Typed: DurableObjectNamespace<Typed>;
}

export default {
  fetch: (request: Request, env: Env) =>
    routeRooms(request, env, { rooms: { raw: env.Raw, typed: env.Typed }, development: false }),
};
