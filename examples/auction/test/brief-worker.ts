// The auction at two quick paces: one in which a test can look around, and one that sees a whole sale.
import { routeRooms } from "@greenroom/server";
import { jwt } from "@greenroom/server/jwt";

import { paddle } from "../paddles.ts";
import { AuctionRoom } from "../server.ts";

const SECRET = "the secret of the auction's own tests";

export class CalmAuction extends AuctionRoom {
  static override pace = { lot: 6_000, overtime: 3_000, pause: 3_000 };
}

export class BriefAuction extends AuctionRoom {
  static override pace = { lot: 2_000, overtime: 1_500, pause: 300 };
}

type Env = {
  CalmAuction: DurableObjectNamespace<CalmAuction>;
  BriefAuction: DurableObjectNamespace<BriefAuction>;
};

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/auction/paddle") return paddle(request, SECRET);
    const auction = pathname.endsWith("/night") ? env.BriefAuction : env.CalmAuction;
    return routeRooms(request, env, {
      rooms: { auction },
      authenticate: jwt({ secret: SECRET }),
    });
  },
} satisfies ExportedHandler<Env>;
