/** What Cloudflare's vitest plugin lends to tests, and a clear word where there is no plugin. */

/** The part of `cloudflare:test` that the kit stands on. */
export interface Plugin {
  runInDurableObject<Result>(
    stub: object,
    callback: (instance: DurableObject, state: DurableObjectState) => Result | Promise<Result>,
  ): Promise<Result>;
  evictDurableObject(
    stub: object,
    options?: { readonly webSockets?: "close" | "hibernate" },
  ): Promise<void>;
}

let lent: Promise<Plugin> | undefined;

/** The plugin. Rejects outside of it. */
export function plugin(): Promise<Plugin> {
  lent ??= import("cloudflare:test").then(
    (module) => module as unknown as Plugin, // SAFETY: the two functions take any object's stub
    (cause: unknown) => {
      throw whyNotLent(cause, navigator.userAgent);
    },
  );
  return lent;
}

/** Why there is no plugin: inside of workerd it loads the Worker, and what is wrong is wrong with that. */
export function whyNotLent(cause: unknown, runtime: string): unknown {
  if (runtime === "Cloudflare-Workers") return cause;
  return new Error(
    "@greenroom/testing/workers runs inside of workerd, and there is no `cloudflare:test` here. " +
      'Add `cloudflareTest({ wrangler: { configPath: "wrangler.jsonc" } })` of "@cloudflare/vitest-plugin" ' +
      'to the `plugins` of the vitest configuration; for tools in Node, import "@greenroom/testing".',
    { cause },
  );
}
