// What browser-setup.ts made, for a file of browser tests.
import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the shared Chromium is reached. */
    chromium: string;
    /** The folder of the built pages. */
    pages: string;
  }
}

/** The Chromium of all browser tests; closing it closes the windows that were opened through it. */
export function sharedChromium(): Promise<Browser> {
  return chromium.connect(inject("chromium"));
}

/** The folder of the pages that were built for all browser tests. */
export function sharedPages(): string {
  return inject("pages");
}
