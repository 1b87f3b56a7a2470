// The Worker that the room's tests run in; what a client's token says is believed.
import { type Claims, routeRooms, unauthenticated } from "@greenroom/server";

import { AuctionRoom } from "../server.ts";

export { AuctionRoom };

type Env = { AuctionRoom: DurableObjectNamespace<AuctionRoom> };

export default {
  fetch: (request, env) =>
    routeRooms(request, env, {
      rooms: { auction: env.AuctionRoom },
      authenticate: (_asked, { token }) =>
        token === undefined ? unauthenticated() : (JSON.parse(token) as Claims),
    }),
} satisfies ExportedHandler<Env>;
