// The route to objects whose names partyserver has left percent-encoded.
import { type Room, routeRooms } from "@greenroom/server";

export default {
  fetch(request: Request, env: { PollServer: DurableObjectNamespace<Room> }) {
    const encoded = { getByName: (name: string) => env.PollServer.getByName(encodeURI(name)) };
    return routeRooms(request, env, { rooms: { "poll-server": encoded }, prefix: "parties" });
  },
};
