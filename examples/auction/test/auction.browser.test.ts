// The sale in a real Chromium, and the room in real workerd.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { launch, openWindow, PHONE, picture, picturesOf } from "../../test/chromium.ts";
import { WorkerProcess } from "../../test/worker-process.ts";

const worker = new WorkerProcess("examples/auction/test/brief.wrangler.jsonc");
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launch(), worker.start()]);
});

afterAll(async () => {
  await browser.close();
  await worker.end();
});

/** Somebody comes, takes a paddle and goes in. */
async function bidder(
  room: string,
  { name, sells = false, ...options }: BrowserContextOptions & { name: string; sells?: boolean },
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openWindow(browser, options);
  onTestFinished(() => opened.page.context().close());
  await opened.page.goto(`${worker.url}/auction/?${new URLSearchParams({ room }).toString()}`);
  await opened.page.getByLabel("Your name").fill(name);
  if (sells) await opened.page.getByLabel("I am the auctioneer").check();
  await opened.page.getByRole("button", { name: "Go in" }).click();
  await opened.page.getByRole("status").getByText("connected", { exact: true }).waitFor();
  return opened;
}

function bid(page: Page, amount: number): Promise<void> {
  return page.getByRole("button", { name: `Bid ${amount}`, exact: true }).click();
}

test("two people bid, the clock decides, and the page looks well on both devices", async () => {
  const fern = await bidder("props", { name: "Fern", sells: true });
  const moth = await bidder("props", { ...PHONE, name: "Night Moth" });
  await fern.page.getByRole("heading", { name: "The house is open" }).waitFor();
  await picturesOf(fern.page, "auction-desktop-closed");
  await moth.page.getByText("The auctioneer begins it.").waitFor();
  await fern.page.getByRole("button", { name: "Begin the sale" }).click();

  await bid(moth.page, 10);
  await moth.page.getByText("you lead").waitFor();
  await bid(fern.page, 60);
  await moth.page.getByText("Fern", { exact: true }).first().waitFor();
  // Whoever leads cannot outbid themselves.
  expect(await fern.page.getByRole("button", { name: "Bid 70", exact: true }).isDisabled()).toBe(
    true,
  );
  await picturesOf(fern.page, "auction-desktop");
  await bid(moth.page, 70);
  await picturesOf(moth.page, "auction-phone");

  await moth.page.getByText("It is yours, for 70.").waitFor(SOON);
  await fern.page.getByRole("heading", { name: "A brass key" }).waitFor(SOON);
  await fern.page.getByText("70, Night Moth").waitFor();
  const widths = await moth.page.evaluate(() => document.documentElement.scrollWidth);
  expect(widths).toBe(390);
  expect([...fern.complaints, ...moth.complaints]).toEqual([]);
});

test("the sale goes on though everybody has left and the server was killed", async () => {
  const fern = await bidder("night", { name: "Fern", sells: true });
  await fern.page.getByRole("button", { name: "Begin the sale" }).click();
  await bid(fern.page, 10);
  await fern.page.getByText("you lead").waitFor();
  await fern.page.close();
  await worker.kill();
  await worker.start();

  // The first lot was due while nothing ran at all; the others come and go by themselves.
  const moth = await bidder("night", { name: "Moth", sells: true });
  await moth.page.getByText("10, Fern").waitFor(SOON);
  await moth.page.getByRole("heading", { name: "The sale is over" }).waitFor(SOON);
  await moth.page.getByText("1 of 4 lots went, for 10 in all.").waitFor();
  expect(await moth.page.getByText("back in the store").count()).toBe(3);
  await moth.page.screenshot({ path: picture("auction-desktop-over") });
  await moth.page.getByRole("button", { name: "Begin again" }).click();
  await moth.page.getByRole("heading", { name: "The ghost light" }).waitFor();
  expect(moth.complaints).toEqual([]);
});

test("only the auctioneer begins a sale, whatever a page sends", async () => {
  const fern = await bidder("forged", { name: "Fern", sells: true });
  // The paddle says something else than the page believes.
  await fern.page.evaluate(async () => {
    const paddle = JSON.parse(localStorage.getItem("paddle")!) as object;
    const answer = await fetch("/auction/paddle", {
      method: "POST",
      body: JSON.stringify({ name: "Fern", role: "bidder" }),
    });
    const { token } = (await answer.json()) as { token: string };
    localStorage.setItem("paddle", JSON.stringify({ ...paddle, token }));
  });
  await fern.page.reload();
  await fern.page.getByRole("button", { name: "Begin the sale" }).click();
  await fern.page.getByRole("alert").getByText("The room could not begin.").waitFor();
  await fern.page.evaluate(() => {
    const paddle = JSON.parse(localStorage.getItem("paddle")!) as { token: string };
    localStorage.setItem("paddle", JSON.stringify({ ...paddle, token: `${paddle.token}x` }));
  });
  await fern.page.reload();
  await fern.page.getByRole("status").getByText("not connected").waitFor();
  expect(await fern.page.getByRole("heading", { name: "The house is open" }).isVisible()).toBe(
    true,
  );
});

test("a bid that comes too late is answered with what the next has to be", async () => {
  const fern = await bidder("late", { name: "Fern", sells: true });
  const moth = await bidder("late", { name: "Moth" });
  await fern.page.getByRole("button", { name: "Begin the sale" }).click();
  await moth.page.getByRole("button", { name: "Bid 10", exact: true }).waitFor();
  // Both press at once: one transaction comes first.
  await Promise.all([bid(fern.page, 10), bid(moth.page, 10)]);
  const words = async (): Promise<string[]> =>
    Promise.all([fern, moth].map(({ page }) => page.locator(".answer").innerText()));
  await expect
    .poll(async () => (await words()).toSorted(), SOON)
    .toEqual(["", "Too late: the next bid is 20."]);
  await fern.page.getByText(/^10, (you|Moth)$/).waitFor(SOON);
});
