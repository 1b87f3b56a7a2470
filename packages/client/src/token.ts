/**
 * The session token: a secret that outlives a reload of the page.
 *
 * While the page lives the token is only in memory, so that a duplicated tab, which copies
 * `sessionStorage`, does not find it there and become the same session (`[A4]`). It is put back
 * when the page goes, and taken out again by the next one.
 */
import { isSessionToken } from "@greenroom/protocol";

import { listen } from "./page.ts";

/** A session token and its place. */
export interface SessionToken {
  readonly token: string;
  /** Whether it was just drawn. */
  readonly fresh?: boolean;
  /** Puts the token back when the page goes, until the signal fires. */
  keep(signal?: AbortSignal): void;
}

/**
 * Takes the token of the page before this one, or makes one; `url` tells rooms apart. A token
 * that the app has chosen is the app's to keep.
 */
export function sessionToken(url: string, chosen?: string): SessionToken {
  if (chosen !== undefined) return { token: chosen, keep: () => undefined };
  const key = `greenroom:${url}`;
  const kept = takeOut(key);
  const token = kept ?? randomToken();
  return {
    token,
    fresh: !kept,
    keep(signal) {
      const pagehide = (): void => withStorage((storage) => storage.setItem(key, token));
      // A page that comes back from the browser's cache is the same session as before.
      const pageshow = (): void => void takeOut(key);
      listen({ pagehide, pageshow }, signal);
    },
  };
}

/** A secret of 160 bits, as five numbers: `randomUUID` is not there on a page without TLS. */
function randomToken(): string {
  return crypto.getRandomValues(new Uint32Array(5)).join("-");
}

function takeOut(key: string): string | undefined {
  return withStorage((storage) => {
    const kept = storage.getItem(key);
    storage.removeItem(key);
    return isSessionToken(kept) ? kept : undefined;
  });
}

function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  // Without a page there is no reload to outlive, even where Node has a `sessionStorage`.
  if (typeof document === "undefined") return undefined;
  try {
    return use(sessionStorage);
  } catch {
    return undefined; // forbidden or full: the session then ends with the page, as it may
  }
}
