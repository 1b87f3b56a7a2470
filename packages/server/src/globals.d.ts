// What a Worker has of Node under its own name, as far as it is used; the platform's types leave it out.
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, call: () => R): R;
    getStore(): T | undefined;
  }
}

declare module "node:diagnostics_channel" {
  export interface Channel {
    readonly hasSubscribers: boolean;
    publish(message: unknown): void;
    subscribe(listener: (message: unknown) => void): void;
    unsubscribe(listener: (message: unknown) => void): boolean;
  }
  export function channel(name: string): Channel;
}

// Of newer lib files than the packages are compiled with.
interface Uint8Array {
  toBase64(options: { alphabet: "base64url"; omitPadding: boolean }): string;
}
