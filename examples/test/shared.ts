// What browser-setup.ts made, for a file of browser tests.
import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";

import type { Shared } from "./browser-setup.ts";

/** The Chromium of all browser tests; closing it closes the windows that were opened through it. */
export function sharedChromium(): Promise<Browser> {
  return chromium.connect(inject("chromium"));
}

/** The folder of the pages that were built for all browser tests. */
export function sharedPages(): Shared["pages"] {
  return inject("pages");
}
