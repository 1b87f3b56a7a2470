// The bindings of wrangler.jsonc, for the types of `env`.
import type { ChatRoom } from "../server.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      ChatRoom: DurableObjectNamespace<ChatRoom>;
    }
  }
}
