// The bindings of wrangler.jsonc, for the types of `env`.
import type * as rooms from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      ChatRoom: DurableObjectNamespace<rooms.ChatRoom>;
      EchoRoom: DurableObjectNamespace<rooms.EchoRoom>;
    }
  }
}
