/**
 * Which hook or handler the running code belongs to, across its awaits.
 *
 * `node:async_hooks` is there from compatibility date 2026-08-04, or with the flag `nodejs_als`.
 * Without it a room refuses to start and says so (`checks.ts`); a static import would instead
 * fail the whole Worker with a text about modules.
 */
import type { AsyncLocalStorage } from "node:async_hooks";

const storage: AsyncLocalStorage<unknown> | undefined = await import("node:async_hooks").then(
  (hooks) => new hooks.AsyncLocalStorage(),
  () => undefined, // reported at the first start, as a misuse
);

/** The scope of all raw hooks: what they ask of the alarm is meant for their own. */
export const HOOK: unique symbol = Symbol("greenroom.hook");

/** Whether code can be told apart at all. */
export const hasScopes: boolean = storage !== undefined;

/** Runs `call` as part of `scope`, everything it awaits included. */
export function runInScope<T>(scope: unknown, call: () => T): T {
  return storage ? storage.run(scope, call) : call();
}

/** The scope of the running code; `undefined` outside all hooks, as in a method called over RPC. */
export function currentScope(): unknown {
  return storage?.getStore();
}
