// Somebody in front of the page: a browser window of one's own, and what one sees there.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { CLOSES } from "@greenroom/protocol";
import { type Browser, chromium, type BrowserContextOptions, type Page } from "playwright-core";

import { CHROMIUM_MISSING, findChromium } from "../../../scripts/chromium.ts";

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

const PICTURES = join(import.meta.dirname, "../../../node_modules/.cache/chat-pictures");

/** Where a picture of the page is kept, to be looked at. */
export function picture(name: string): string {
  mkdirSync(PICTURES, { recursive: true });
  return join(PICTURES, `${name}.png`);
}

export async function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(CHROMIUM_MISSING);
  return await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export class Visitor {
  readonly page: Page;
  /** What the console said, other than plain logs, and errors that nobody caught. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
  }

  /** Opens a window; without a name the page asks for one. */
  static async arrive(
    browser: Browser,
    { name, ...options }: BrowserContextOptions & { name?: string } = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ reducedMotion: "reduce", ...options });
    // Chance decides how soon a client dials again, which a test need not wait for.
    await context.addInitScript(() => (Math.random = () => 0.1));
    if (name !== undefined) {
      await context.addInitScript((name) => localStorage.setItem("name", name), name);
    }
    return new Visitor(await context.newPage());
  }

  /**
   * A network between the page and its room that can be cut, and mended: the page then finds its
   * room, or is told that it has expired. To be called before the visit.
   */
  async network(): Promise<{ cut(): void; mend(room?: "expired"): void }> {
    let network = Promise.withResolvers<"expired" | void>();
    let cut = (): void => undefined;
    network.resolve();
    await this.page.routeWebSocket(/\/rooms\//, async (socket) => {
      cut = () => {
        network = Promise.withResolvers();
        void socket.close({ code: 1012 });
      };
      const room = await network.promise;
      network = Promise.withResolvers();
      network.resolve();
      const server = socket.connectToServer();
      if (room === "expired") {
        // In place of the welcome.
        const [code] = CLOSES.expired;
        server.onMessage(() => void socket.close({ code, reason: "expired" }));
      }
    });
    return { cut: () => cut(), mend: (room) => network.resolve(room) };
  }

  async visit(url: string, room: string): Promise<void> {
    await this.page.goto(`${url}/chat/?${new URLSearchParams({ room }).toString()}`);
    await this.sees("connected");
  }

  /** Writes a message and sends it, without waiting for the room. */
  async write(text: string): Promise<void> {
    await this.page.getByLabel("Your message").fill(text);
    await this.page.getByRole("button", { name: "Send" }).click();
  }

  /** Says something, and waits until the room has it. */
  async say(text: string): Promise<void> {
    await this.write(text);
    await this.page.locator("#messages").getByText(text, { exact: true }).waitFor();
  }

  /** Waits for a status, such as "reconnecting…". */
  async sees(status: string): Promise<void> {
    await this.page.getByRole("status").getByText(status, { exact: true }).waitFor();
  }

  /** The messages on the page; those that are on their way with an ellipsis before them. */
  async messages(): Promise<string[]> {
    const kept = await this.page.locator("#messages .text").allTextContents();
    const outgoing = await this.page.locator("#outgoing .text").allTextContents();
    return [...kept, ...outgoing.map((text) => `… ${text}`)];
  }

  /** The count and the time left, such as "3 messages · expires in 29 min". */
  async facts(): Promise<string> {
    const texts = await this.page.locator("main > header .title p").innerText();
    return texts.trim();
  }
}
