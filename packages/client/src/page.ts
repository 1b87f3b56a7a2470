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

/** Listens to events of the page by their names until the signal fires. */
export function listen(events: Readonly<Record<string, () => void>>, signal?: AbortSignal): void {
  for (const type of Object.keys(events)) {
    // Node's global object has no events; that of Workers has none of a page's.
    globalThis.addEventListener?.(type, events[type]!, { signal: signal! });
  }
}

/** Listens to the page until the signal fires. */
export function listenToPage(
  { online, offline, visible }: PageListener,
  signal: AbortSignal,
): void {
  // It bubbles from the document to the global object.
  const visibilitychange = (): void => {
    if (document.visibilityState === "visible") visible();
  };
  listen({ online, offline, pageshow: visible, visibilitychange }, signal);
}
