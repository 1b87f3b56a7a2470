import { isSessionToken } from "@greenroom/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { sessionToken } from "../src/token.ts";

/** A page: what of a browser's globals the token needs. Reloading keeps the storage. */
class Page extends EventTarget {
  readonly kept: Map<string, string>;

  constructor(kept: ReadonlyMap<string, string> = new Map()) {
    super();
    this.kept = new Map(kept);
  }

  enter(): this {
    const { kept } = this;
    vi.stubGlobal("document", {});
    vi.stubGlobal("addEventListener", this.addEventListener.bind(this));
    vi.stubGlobal("removeEventListener", this.removeEventListener.bind(this));
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    return this;
  }

  hide(): this {
    this.dispatchEvent(new Event("pagehide"));
    return this;
  }

  show(): this {
    this.dispatchEvent(new Event("pageshow"));
    return this;
  }
}

const URL = "ws://localhost/rooms/chat/lobby";
let page: Page;

beforeEach(() => {
  page = new Page().enter();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test("[D14] a token is made by chance, and is one of the protocol", () => {
  const made = new Set(Array.from({ length: 100 }, () => sessionToken(URL).token));
  expect(made.size).toBe(100);
  for (const token of made) {
    expect(isSessionToken(token)).toBe(true);
    expect(token.length).toBeGreaterThanOrEqual(22);
  }
});

test("[D14] a reload goes on with the token", () => {
  const before = sessionToken(URL);
  expect(before.fresh).toBe(true);
  before.keep();
  page = new Page(page.hide().kept).enter();
  const after = sessionToken(URL);
  expect(after.token).toBe(before.token);
  expect(after.fresh).toBe(false); // the page before it may have sent something
});

test("[D14] a duplicated tab does not find the token", () => {
  const first = sessionToken(URL);
  first.keep();
  new Page(page.kept).enter(); // browsers copy the storage of the tab
  expect(sessionToken(URL).token).not.toBe(first.token);
});

test("[D14] a tab that is duplicated after a reload does not find the token either", () => {
  sessionToken(URL).keep();
  page = new Page(page.hide().kept).enter();
  sessionToken(URL).keep();
  expect(page.kept.size).toBe(0);
});

test("[D14] a page that comes back from the browser's cache takes its token out again", () => {
  sessionToken(URL).keep();
  page.hide();
  expect(page.kept.size).toBe(1);
  page.show();
  expect(page.kept.size).toBe(0);
  page.hide();
  expect(page.kept.size).toBe(1);
});

test("[D14] each room has a token of its own", () => {
  const lobby = sessionToken(URL);
  const attic = sessionToken(`${URL}-attic`);
  lobby.keep();
  attic.keep();
  page = new Page(page.hide().kept).enter();
  expect(sessionToken(`${URL}-attic`).token).toBe(attic.token);
  expect(sessionToken(URL).token).toBe(lobby.token);
  expect(lobby.token).not.toBe(attic.token);
});

test("[D14] two clients of one room in one page are two sessions", () => {
  sessionToken(URL).keep();
  page = new Page(page.hide().kept).enter();
  expect(sessionToken(URL).token).not.toBe(sessionToken(URL).token);
});

test("[D14] a session ends where its client is closed", () => {
  const life = new AbortController();
  sessionToken(URL).keep(life.signal);
  life.abort();
  expect(page.hide().kept.size).toBe(0);
});

test("[D14] what is kept there and is no token is not used", () => {
  page.kept.set(`greenroom:${URL}`, "short");
  expect(isSessionToken(sessionToken(URL).token)).toBe(true);
});

test("[D14] a storage that throws, or none, is no fault", () => {
  vi.stubGlobal("sessionStorage", {
    getItem: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });
  const denied = sessionToken(URL);
  denied.keep();
  page.hide();
  expect(isSessionToken(denied.token)).toBe(true);
  vi.unstubAllGlobals();
  sessionToken(URL).keep();
});

test("[D14] a token that the app has chosen is not stored", () => {
  const chosen = sessionToken(URL, "a-token-of-the-app");
  chosen.keep();
  expect(chosen.token).toBe("a-token-of-the-app");
  expect(page.hide().kept.size).toBe(0);
});
