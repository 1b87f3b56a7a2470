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
      throw new Error(
        "@greenroom/testing/workers runs inside of workerd, and there is no `cloudflare:test` here. " +
          'Add `cloudflareTest({ wrangler: { configPath: "wrangler.jsonc" } })` of "@cloudflare/vitest-plugin" ' +
          'to the `plugins` of the vitest configuration; for tools in Node, import "@greenroom/testing".',
        { cause },
      );
    },
  );
  return lent;
}
