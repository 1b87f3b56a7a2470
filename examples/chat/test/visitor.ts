// Somebody in front of the page: a browser window of one's own, and what one sees there.
import { CLOSES } from "@greenroom/protocol";
import type { Browser, Page } from "playwright-core";

import { openWindow, type Window, type WindowOptions } from "../../test/chromium.ts";

export class Visitor {
  readonly page: Page;
  /** What the console said, other than plain logs, and errors that nobody caught. */
  readonly complaints: readonly string[];
  readonly close: () => Promise<void>;

  private constructor({ page, complaints, close }: Window) {
    this.page = page;
    this.complaints = complaints;
    this.close = close;
  }

  /** Opens a window; without a name the page asks for one. */
  static async arrive(browser: Browser, options?: WindowOptions): Promise<Visitor> {
    return new Visitor(await openWindow(browser, options));
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
