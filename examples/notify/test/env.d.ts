// The bindings of wrangler.jsonc, for the types of `env`.
import type { NoticeRoom } from "../server.ts";
import type * as worker from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      NoticeRoom: DurableObjectNamespace<NoticeRoom>;
    }
    interface GlobalProps {
      mainModule: typeof worker;
    }
  }
}
