// The Chromium of the pages' tests, the devices that they are looked at with, and their pictures.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

import { CHROMIUM_MISSING, findChromium } from "../../scripts/chromium.ts";

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

export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  // A page that the test itself serves counts as one of no network, and may then not dial this machine.
  const args = ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"];
  return await chromium.launch({ executablePath, args });
}

/** A window of somebody's own; `complaints` is what its console said, and errors that nobody caught. */
export async function openWindow(
  browser: Browser,
  { name, ...options }: BrowserContextOptions & { name?: string } = {},
): Promise<{ page: Page; complaints: string[] }> {
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
  return { page, complaints };
}

const DIST = join(import.meta.dirname, "../dist");

/** Builds the page of an example. */
export async function buildPage(example: string): Promise<void> {
  const script = join(import.meta.dirname, "../build.mjs");
  await promisify(execFile)(process.execPath, [script, example]);
}

/** Serves a built page under `/<example>/`, to whatever host it is asked of: a Worker without assets, say. */
export async function servePage(page: Page, example: string): Promise<void> {
  await page.route(`**/${example}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname;
    await route.fulfill({ path: join(DIST, path.endsWith("/") ? `${path}index.html` : path) });
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
