// The sale in a real Chromium, and the room in real workerd.
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test, type TestContext } from "vitest";

import { openWindow, PHONE, picture, picturesOf, servePages } from "../../test/chromium.ts";
import { sharedChromium, sharedPages } from "../../test/shared.ts";

let worker: WorkerProcess;
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  const config = join(import.meta.dirname, "brief.wrangler.jsonc");
  [browser, worker] = await Promise.all([sharedChromium(), WorkerProcess.start({ config })]);
});

afterAll(async () => {
  await Promise.all([browser.close(), worker.stop()]);
});

/** Somebody comes, takes a paddle and goes in. */
async function bidder(
  { onTestFinished }: TestContext,
  room: string,
  { name, sells = false, ...options }: BrowserContextOptions & { name: string; sells?: boolean },
): Promise<{ page: Page; complaints: string[]; ears: Ears }> {
  const opened = await openWindow(browser, options);
  onTestFinished(() => opened.close());
  await servePages(opened.page, sharedPages());
  const ears = await earsOf(opened.page);
  await opened.page.goto(`${worker.url}/auction/?${new URLSearchParams({ room }).toString()}`);
  await opened.page.getByLabel("Your name").fill(name);
  if (sells) await opened.page.getByLabel("I am the auctioneer").check();
  await opened.page.getByRole("button", { name: "Go in" }).click();
  await opened.page.getByRole("status").getByText("connected", { exact: true }).waitFor();
  return { ...opened, ears };
}

/** What keeps from a page, for a while, what its room says. */
type Ears = { cover(): void; uncover(): void };

async function earsOf(page: Page): Promise<Ears> {
  let waiting: (() => void)[] | undefined;
  await page.routeWebSocket(/\/rooms\//, (socket) => {
    socket.connectToServer().onMessage((message) => {
      const hear = (): void => socket.send(message);
      if (waiting) waiting.push(hear);
      else hear();
    });
  });
  return {
    cover: () => void (waiting = []),
    uncover() {
      for (const hear of waiting ?? []) hear();
      waiting = undefined;
    },
  };
}

function bid(page: Page, amount: number): Promise<void> {
  return page.getByRole("button", { name: `Bid ${amount}`, exact: true }).click();
}

/** Writes down what the page says of lots that close, which is gone when the next opens. */
async function verdictsOf(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told = new Set<string>();
    Object.assign(globalThis, { told });
    new MutationObserver(() => {
      const text = document.querySelector(".gone")?.textContent;
      if (text) told.add(text);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => [...(globalThis as unknown as { told: Set<string> }).told]);
}

describe.concurrent("a sale", () => {
  test("two people bid, and the clock decides", async (context) => {
    const { expect } = context;
    const fern = await bidder(context, "props", { name: "Fern", sells: true });
    const moth = await bidder(context, "props", { ...PHONE, name: "Night Moth" });
    await fern.page.getByRole("heading", { name: "The house is open" }).waitFor();
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
    const told = await verdictsOf(moth.page);
    await bid(moth.page, 70);

    await fern.page.getByRole("heading", { name: "A brass key" }).waitFor(SOON);
    await moth.page.getByRole("heading", { name: "A brass key" }).waitFor(SOON);
    expect(await told()).toEqual(["It is yours, for 70."]);
    await fern.page.getByText("70, Night Moth").waitFor();
    expect([...fern.complaints, ...moth.complaints]).toEqual([]);
  });

  test("the page looks well on both devices", async (context) => {
    const { expect } = context;
    const fern = await bidder(context, "gallery", { name: "Fern", sells: true });
    const moth = await bidder(context, "gallery", { ...PHONE, name: "Night Moth" });
    await picturesOf(fern.page, "auction-desktop-closed");
    await fern.page.getByRole("button", { name: "Begin the sale" }).click();
    await bid(moth.page, 10);
    await fern.page.getByText("10", { exact: true }).first().waitFor();
    await Promise.all([
      picturesOf(fern.page, "auction-desktop"),
      picturesOf(moth.page, "auction-phone"),
    ]);
    expect(await moth.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect([...fern.complaints, ...moth.complaints]).toEqual([]);
  });

  test("only the auctioneer begins a sale, whatever a page sends", async (context) => {
    const { expect } = context;
    const fern = await bidder(context, "forged", { name: "Fern", sells: true });
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

  test("a bid that comes too late is answered with what the next has to be", async (context) => {
    const { expect } = context;
    const fern = await bidder(context, "late", { name: "Fern", sells: true });
    const moth = await bidder(context, "late", { name: "Moth" });
    await fern.page.getByRole("button", { name: "Begin the sale" }).click();
    await moth.page.getByRole("button", { name: "Bid 10", exact: true }).waitFor();
    // What the room says does not reach Moth's page any more: both bid the same.
    moth.ears.cover();
    await bid(fern.page, 10);
    await fern.page.getByText("you lead").waitFor();
    await bid(moth.page, 10);
    moth.ears.uncover();
    await moth.page.locator(".answer").getByText("Too late: the next bid is 20.").waitFor();
    expect(await fern.page.locator(".answer").innerText()).toBe("");
    await fern.page.getByText("10, you", { exact: true }).waitFor(SOON);
    expect([...fern.complaints, ...moth.complaints]).toEqual([]);
  });
});

test("the sale goes on though everybody has left and the server was killed", async (context) => {
  const { expect } = context;
  const fern = await bidder(context, "night", { name: "Fern", sells: true });
  await fern.page.getByRole("button", { name: "Begin the sale" }).click();
  await bid(fern.page, 10);
  await fern.page.getByText("you lead").waitFor();
  await fern.page.close();
  await worker.kill();

  // The first lot was due while nothing ran at all; the others come and go by themselves.
  const moth = await bidder(context, "night", { name: "Moth", sells: true });
  await moth.page.getByText("10, Fern").waitFor(SOON);
  await moth.page.getByRole("heading", { name: "The sale is over" }).waitFor(SOON);
  await moth.page.getByText("1 of 4 lots went, for 10 in all.").waitFor();
  expect(await moth.page.getByText("back in the store").count()).toBe(3);
  await moth.page.screenshot({ path: picture("auction-desktop-over") });
  await moth.page.getByRole("button", { name: "Begin again" }).click();
  await moth.page.getByRole("heading", { name: "The ghost light" }).waitFor();
  expect(moth.complaints).toEqual([]);
});
