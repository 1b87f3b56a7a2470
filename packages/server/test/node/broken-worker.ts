// The Worker of broken.node.test.ts: a room, and the lifecycle over a server of partyserver.
import { Room, routeRooms, withRoomLifecycle } from "@greenroom/server";
import { Server } from "partyserver";

export class BrokenRoom extends Room {}

export class BrokenServer extends withRoomLifecycle(Server) {}

interface Env extends Cloudflare.Env {
  BrokenRoom: DurableObjectNamespace<BrokenRoom>;
  BrokenServer: DurableObjectNamespace<BrokenServer>;
}

export default {
  fetch: (request: Request, env: Env) =>
    routeRooms(request, env, { rooms: { room: env.BrokenRoom, server: env.BrokenServer } }),
};
