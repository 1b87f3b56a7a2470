// The auction at two quick paces: one in which a test can look around, and one that sees a whole sale.
import { routeRooms } from "@greenroom/server";

import { AuctionRoom } from "../server.ts";

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
    const isCalm = new URL(request.url).pathname.endsWith("/props");
    const auction = isCalm ? env.CalmAuction : env.BriefAuction;
    return routeRooms(request, env, { rooms: { auction } });
  },
} satisfies ExportedHandler<Env>;
