// Somebody in front of the canvas, and who was on their list at any time.
import type { Browser, Page } from "playwright-core";

import { openWindow, servePage } from "../../test/chromium.ts";

export class Guest {
  readonly page: Page;
  readonly complaints: readonly string[];

  private constructor(page: Page, complaints: readonly string[]) {
    this.page = page;
    this.complaints = complaints;
  }

  static async arrive(
    browser: Browser,
    url: string,
    options: Parameters<typeof openWindow>[1],
  ): Promise<Guest> {
    const { page, complaints } = await openWindow(browser, options);
    const guest = new Guest(page, complaints);
    await servePage(page, "cursors");
    await page.goto(url);
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

  /** Remembers every list and every status that is shown from now on, each once, until it is asked for them. */
  async watch(): Promise<() => Promise<{ lists: string[]; states: string[] }>> {
    await this.page.evaluate(() => {
      const people = document.querySelector("#people")!;
      const status = document.querySelector("#status")!;
      const [lists, states] = [new Set<string>(), new Set<string>()];
      Object.assign(globalThis, { lists, states });
      const look = (): void => {
        const names = [...people.children].map((item) => item.firstChild?.textContent ?? "");
        lists.add(names.toSorted().join(", "));
        states.add(status.textContent);
      };
      look();
      for (const element of [people, status])
        new MutationObserver(look).observe(element, { childList: true, subtree: true });
    });
    return () =>
      this.page.evaluate(() => {
        const { lists, states } = globalThis as unknown as Record<string, Set<string>>;
        return { lists: [...lists!], states: [...states!] };
      });
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
