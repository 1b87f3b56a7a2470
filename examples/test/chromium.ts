// The Chromium of the pages' tests, the devices that they are looked at with, and their pictures.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

import { launchOptions } from "../../scripts/chromium.ts";

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

const PICTURES = join(import.meta.dirname, "../../node_modules/.cache/pictures");

/** Where a picture of a page is kept, to be looked at. */
export function picture(name: string): string {
  mkdirSync(PICTURES, { recursive: true });
  return join(PICTURES, `${name}.png`);
}

/** A Chromium of one's own, for commands; tests share one. */
export async function launch(): Promise<Browser> {
  return await chromium.launch(launchOptions());
}

/** A window of somebody's own, with nothing kept from anybody before. */
export type Window = {
  page: Page;
  /** What its console said, and errors that nobody caught. */
  complaints: string[];
  close(): Promise<void>;
};

export type WindowOptions = BrowserContextOptions & { name?: string };

export async function openWindow(
  browser: Browser,
  { name, ...options }: WindowOptions = {},
): Promise<Window> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  // Chance decides how soon a client dials again, which a test need not wait for.
  await context.addInitScript(() => (Math.random = () => 0.1));
  if (name !== undefined) {
    await context.addInitScript((name) => localStorage.setItem("name", name), name);
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}

/** Builds the pages of all examples into a temporary folder, and gives its path. */
export async function buildPages(): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), "greenroom-pages-"));
  const script = join(import.meta.dirname, "../build.mjs");
  await promisify(execFile)(process.execPath, [script, "--out", out]);
  return out;
}

/** Serves the built pages to whatever host they are asked of; what is no file of theirs, the host answers. */
export async function servePages(page: Page, pages: string): Promise<void> {
  await page.route("**/*", async (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(pages, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    await (existsSync(path) ? route.fulfill({ path }) : route.fallback());
  });
}

/** Takes a picture in light and in dark. */
export async function picturesOf(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: picture(`${name}-${colorScheme}`) });
  }
  await page.emulateMedia({ colorScheme: null });
}
