// Somebody in front of the canvas, and who was on their list at any time.
import type { Browser, Page } from "playwright-core";

import { openWindow, servePages, type Window, type WindowOptions } from "../../test/chromium.ts";

/** What the page showed from a time on, in ms since it was watched. */
export type Shown = { at: number; people: string; status: string };

export class Guest {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Closes the window; the room knows of nothing. */
  readonly close: () => Promise<void>;

  private constructor({ page, complaints, close }: Window) {
    this.page = page;
    this.complaints = complaints;
    this.close = close;
  }

  /** `pages` is the folder of the built pages. */
  static async arrive(
    browser: Browser,
    { origin, room, pages }: { origin: string; room: string; pages: string },
    options: WindowOptions,
  ): Promise<Guest> {
    const guest = new Guest(await openWindow(browser, options));
    await servePages(guest.page, pages);
    await guest.page.goto(`${origin}/cursors/?${new URLSearchParams({ room }).toString()}`);
    await guest.sees("connected");
    return guest;
  }

  /** Waits for a status, such as "reconnecting…". */
  async sees(status: string): Promise<void> {
    await this.page.getByRole("status").getByText(status, { exact: true }).waitFor();
  }

  /** Who is on the list now, in the order of their names. */
  async people(): Promise<string[]> {
    const texts = await this.page
      .locator("#people li")
      .evaluateAll((items) => items.map((item) => item.firstChild?.textContent ?? ""));
    return texts.toSorted();
  }

  /** Writes down what the list and the status show from now on, each change of it, until it is asked. */
  async watch(): Promise<() => Promise<Shown[]>> {
    await this.page.evaluate(() => {
      const people = document.querySelector("#people")!;
      const status = document.querySelector("#status")!;
      const began = performance.now();
      const shown: Shown[] = [];
      const look = (): void => {
        const names = [...people.children].map((item) => item.firstChild?.textContent ?? "");
        const now = { people: names.toSorted().join(", "), status: status.textContent };
        const last = shown.at(-1);
        if (last?.people === now.people && last.status === now.status) return;
        shown.push({ at: Math.round(performance.now() - began), ...now });
      };
      look();
      const observer = new MutationObserver(look);
      for (const element of [people, status])
        observer.observe(element, { childList: true, subtree: true, characterData: true });
      Object.assign(globalThis, { shown });
    });
    return () => this.page.evaluate(() => (globalThis as unknown as { shown: Shown[] }).shown);
  }

  /** Draws a line through places, each a share of the canvas's width and height. */
  async draw(...places: [x: number, y: number][]): Promise<void> {
    const box = await this.page.locator("#board").boundingBox();
    if (!box) throw new Error("There is no canvas.");
    for (const [index, [x, y]] of places.entries()) {
      await this.page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 8 });
      if (index === 0) await this.page.mouse.down();
    }
    await this.page.mouse.up();
  }

  /** What the drawing says of itself, such as "A drawing of 2 strokes". */
  async drawing(): Promise<string | null> {
    return this.page.locator("#drawing").getAttribute("aria-label");
  }
}
