// The bindings of wrangler.jsonc, for the types of `env`.
declare namespace Cloudflare {
  interface Env {
    EchoRoom: DurableObjectNamespace<import("./worker.ts").EchoRoom>;
  }
}
