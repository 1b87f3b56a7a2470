import type { Store } from "@greenroom/client/stores";
import { type Readable, readable } from "svelte/store";

/** A store as one of Svelte's: `$status` in a component. */
export function fromStore<T>(store: Store<T>): Readable<T> {
  return readable(store.get(), (set) => {
    set(store.get());
    return store.subscribe(() => set(store.get()));
  });
}
