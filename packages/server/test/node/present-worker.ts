// The Worker of presence-killed.node.test.ts: a room with presence, and short graces.
import { Room, type RoomNamespace, routeRooms } from "@greenroom/server";
import { presence } from "@greenroom/server/presence";

import { DEPLOY_GRACE, meeting } from "./present-contract.ts";

export class MeetingRoom extends Room.of(meeting, {
  use: [presence({ grace: 2_000, deployGrace: DEPLOY_GRACE })],
}) {
  handlers = this.handle({});
}

export default {
  fetch: (request: Request, env: { MeetingRoom: RoomNamespace }): Promise<Response> =>
    routeRooms(request, env, { rooms: { meeting: env.MeetingRoom } }),
};
