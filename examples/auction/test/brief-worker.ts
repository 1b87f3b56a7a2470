// The auction at its own pace, and at two quick ones: one in which a test can bid, and one that sees a
// whole sale.
import { routeRooms } from "@greenroom/server";
import { jwt } from "@greenroom/server/jwt";

import { paddle } from "../paddles.ts";
import { AuctionRoom } from "../server.ts";

const SECRET = "the secret of the auction's own tests";

export { AuctionRoom };

export class CalmAuction extends AuctionRoom {
  static override pace = { lot: 8_000, overtime: 4_000, pause: 2_000 };
}

export class BriefAuction extends AuctionRoom {
  static override pace = { lot: 2_000, overtime: 2_000, pause: 300 };
}

type Env = {
  AuctionRoom: DurableObjectNamespace<AuctionRoom>;
  CalmAuction: DurableObjectNamespace<CalmAuction>;
  BriefAuction: DurableObjectNamespace<BriefAuction>;
};

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/auction/paddle") return paddle(request, SECRET);
    let auction: DurableObjectNamespace<AuctionRoom> = env.CalmAuction;
    if (pathname.endsWith("/night")) auction = env.BriefAuction;
    if (pathname.endsWith("/gallery")) auction = env.AuctionRoom;
    return routeRooms(request, env, {
      rooms: { auction },
      authenticate: jwt({ secret: SECRET }),
    });
  },
} satisfies ExportedHandler<Env>;
