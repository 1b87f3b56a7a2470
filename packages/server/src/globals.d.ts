// The one class of Node's that a Worker has under its own name; the platform's types leave it out.
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, call: () => R): R;
    getStore(): T | undefined;
  }
}
