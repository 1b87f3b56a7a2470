// The bindings of wrangler.jsonc, for the types of `env`.
import type { CanvasRoom } from "../server.ts";
import type { BriefCanvas } from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      BriefCanvas: DurableObjectNamespace<BriefCanvas>;
      CanvasRoom: DurableObjectNamespace<CanvasRoom>;
    }
  }
}
