// The bindings of wrangler.jsonc, for the types of `env`.
import type * as worker from "./server.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      ChatRoom: DurableObjectNamespace<worker.ChatRoom>;
    }
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
