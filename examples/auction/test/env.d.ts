// The bindings of wrangler.jsonc, for the types of `env`.
import type { AuctionRoom } from "../server.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      AuctionRoom: DurableObjectNamespace<AuctionRoom>;
    }
    interface GlobalProps {
      mainModule: typeof import("./room-worker.ts");
    }
  }
}
