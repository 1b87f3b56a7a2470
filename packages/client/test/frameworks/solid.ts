import type { Store } from "@greenroom/client/stores";
import { type Accessor, createSignal, onCleanup } from "solid-js";

/** A store as a signal, for as long as the component is there. */
export function fromStore<T>(store: Store<T>): Accessor<T> {
  const [value, setValue] = createSignal(store.get());
  onCleanup(store.subscribe(() => setValue(() => store.get())));
  return value;
}
