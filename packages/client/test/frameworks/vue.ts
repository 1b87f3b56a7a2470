import type { Store } from "@greenroom/client/stores";
import { onScopeDispose, type ShallowRef, shallowRef } from "vue";

/** A store as a ref, for as long as the component is there. */
export function useStore<T>(store: Store<T>): Readonly<ShallowRef<T>> {
  const value = shallowRef(store.get());
  const stop = store.subscribe(() => {
    value.value = store.get();
  });
  onScopeDispose(stop);
  return value;
}
