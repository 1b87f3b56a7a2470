// Finds the Chromium that the browser tests drive. Nothing is downloaded: the system's own is used.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

const APPLICATIONS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** The path of a Chromium: `CHROMIUM_PATH`, or one on the PATH, or an installed application. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM_PATH) return existing(env.CHROMIUM_PATH);
  const folders = (env.PATH ?? "").split(delimiter);
  const candidates = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...candidates, ...APPLICATIONS].find(existsSync);
}

/** What to tell somebody who has no Chromium. */
export const CHROMIUM_MISSING =
  "The browser tests need Chromium: install it (Debian and Ubuntu: sudo apt-get install chromium; " +
  "macOS: brew install --cask chromium), or set CHROMIUM_PATH to a Chromium or Chrome.";

/** What Chromium does of its own accord, and a test need not wait for. */
const FEATURES = [
  // A page that the test itself serves counts as one of no network, and may then not dial this machine.
  "LocalNetworkAccessChecks",
  // Each new profile renders a popup for its address bar, at ten times the cost of a page.
  "WebUIOmniboxPopup",
  "WebUIOmniboxAimPopup",
  "WebUIOmniboxFullPopup",
];

/** How Chromium is started, by tests and commands alike. */
export function launchOptions(): { executablePath: string; args: string[] } {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  return { executablePath, args: ["--no-sandbox", `--disable-features=${FEATURES.join()}`] };
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}
