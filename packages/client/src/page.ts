/** What the page knows of the network and of being looked at. Outside a page it is silent. */

/** Who is told. */
export interface PageListener {
  /** The network came back. */
  online(): void;
  /** The network may be gone: browsers are often wrong about it. */
  offline(): void;
  /** The page is looked at again, after it was hidden or frozen. */
  visible(): void;
}

/** Listens to an event of the global object, where it has events; gives what stops it. */
export function onGlobal(type: string, run: (event: Event) => void): () => void {
  const { addEventListener, removeEventListener } = globalThis;
  // Node's global object has no events; that of Workers has none of a page's.
  addEventListener?.(type, run);
  return () => removeEventListener?.(type, run);
}

/** Listens to the page; gives what stops it. */
export function listenToPage({ online, offline, visible }: PageListener): () => void {
  const stops = [
    onGlobal("online", online),
    onGlobal("offline", offline),
    onGlobal("pageshow", visible),
  ];
  if (typeof document !== "undefined") {
    const changed = (): void => {
      if (document.visibilityState === "visible") visible();
    };
    document.addEventListener("visibilitychange", changed);
    stops.push(() => document.removeEventListener("visibilitychange", changed));
  }
  return () => stops.forEach((stop) => stop());
}
