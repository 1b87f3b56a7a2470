// The bindings of wrangler.jsonc, for the types of `env`.
import type { AuctionRoom } from "../server.ts";
import type * as worker from "./room-worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      AuctionRoom: DurableObjectNamespace<AuctionRoom>;
    }
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
