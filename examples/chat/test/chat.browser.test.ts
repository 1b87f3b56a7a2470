// The page in a real Chromium, and the room in real workerd.
import { connect } from "@greenroom/client";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, test, type TestContext } from "vitest";

import { PHONE, picture, type WindowOptions } from "../../test/chromium.ts";
import { ReferenceWorker } from "../../test/reference-worker.ts";
import { sharedChromium } from "../../test/shared.ts";
import { chat } from "../contract.ts";
import { Visitor } from "./visitor.ts";

let worker: ReferenceWorker;
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  [browser, worker] = await Promise.all([sharedChromium(), ReferenceWorker.start()]);
});

afterAll(async () => {
  await Promise.all([browser.close(), worker.stop()]);
});

/** Somebody opens the page in a room. */
async function visitor(
  { onTestFinished }: TestContext,
  room: string,
  options: WindowOptions = {},
): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, options);
  onTestFinished(() => visitor.close());
  await visitor.visit(worker.url, room);
  return visitor;
}

/** Two people in a room, the second perhaps on another device. */
function pair(
  context: TestContext,
  room: string,
  device: BrowserContextOptions = {},
): Promise<[Visitor, Visitor]> {
  return Promise.all([
    visitor(context, room, { name: "Fern" }),
    visitor(context, room, { ...device, name: "Night Moth" }),
  ]);
}

test("two people see each other's messages, in order, with the count and the time left", async (context) => {
  const { expect } = context;
  const [fern, moth] = await pair(context, "two");
  await expect.poll(() => fern.facts(), SOON).toMatch("no messages");
  await fern.page.getByText("The stage is empty.").waitFor();

  await fern.say("Is the kettle on?");
  await moth.say("Just now.");
  await fern.say("<b>Wonderful</b> & hot");
  const all = ["Is the kettle on?", "Just now.", "<b>Wonderful</b> & hot"];
  for (const each of [fern, moth]) {
    await expect.poll(() => each.messages(), SOON).toEqual(all);
    await expect.poll(() => each.facts(), SOON).toMatch(/^3 messages · expires in (30|29) min$/);
    expect(await each.page.getByText("The stage is empty.").isVisible()).toBe(false);
    expect(each.complaints).toEqual([]);
  }
  expect(await fern.page.locator("#messages .mine .text").allTextContents()).toEqual([
    all[0],
    all[2],
  ]);
  expect(await moth.page.locator("#messages .who strong").allTextContents()).toEqual([
    "Fern",
    "You",
    "Fern",
  ]);
});

test("the index leads to every page", async (context) => {
  const { expect } = context;
  const { page } = await visitor(context, "index");
  const paths: string[] = [];
  for (const name of ["Chat", "Cursors", "Auction"]) {
    await page.goto(`${worker.url}/`);
    await page.getByRole("heading", { name }).click();
    await page.waitForURL(/\/\w+\/$/);
    paths.push(new URL(page.url()).pathname);
  }
  expect(paths).toEqual(["/chat/", "/cursors/", "/auction/"]);
});

test("a newcomer reads what was said before, and a reload keeps what is yours", async (context) => {
  const { expect } = context;
  const fern = await visitor(context, "history", { name: "Fern" });
  const all = ["Line 1", "Line 2", "Line 3"];
  for (const text of all) await fern.say(text);
  const moth = await visitor(context, "history", { name: "Moth" });
  await expect.poll(() => moth.messages(), SOON).toEqual(all);
  await expect.poll(() => moth.facts(), SOON).toMatch(/^3 messages/);

  await fern.page.reload();
  await expect.poll(() => fern.messages(), SOON).toEqual(all);
  expect(await fern.page.locator("#messages .mine").count()).toBe(3);
});

test("who is typing is shown while they do, and what comes to a hidden page is counted", async (context) => {
  const { expect } = context;
  const [fern, moth] = await pair(context, "typing");
  const note = fern.page.getByRole("note");
  await moth.page.getByLabel("Your message").pressSequentially("On my w");
  await expect.poll(() => note.textContent(), SOON).toBe("Night Moth is typing…");
  await moth.say("On my way");
  await expect.poll(() => note.textContent(), SOON).toBe("");

  const hide = (hidden: boolean): Promise<void> =>
    fern.page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await hide(true);
  await moth.say("Are you there?");
  await moth.say("Hello?");
  await expect.poll(() => fern.page.title(), SOON).toBe("(2) typing · Greenroom");
  await hide(false);
  expect(await fern.page.title()).toBe("typing · Greenroom");
});

test("what was said long before comes on scrolling up, in its place", async (context) => {
  const { expect } = context;
  const all = Array.from({ length: 120 }, (_, index) => `Line ${index + 1}`);
  const fern = connect(chat, { host: worker.url, room: "long" });
  await Promise.all(all.map((text) => fern.send("say", { name: "Fern", text })));
  fern.close();

  const moth = await visitor(context, "long", { name: "Moth" });
  await expect.poll(() => moth.messages(), SOON).toEqual(all.slice(-50));
  const scrolled = async (): Promise<number> => {
    await moth.page.locator("#log").evaluate((log) => log.scrollTo({ top: -log.scrollHeight }));
    return (await moth.messages()).length;
  };
  await expect.poll(scrolled, SOON).toBe(120);
  expect(await moth.messages()).toEqual(all);
  // One person said all of it, within three minutes: it stands under one name.
  expect(await moth.page.locator("#messages .first").count()).toBe(1);
  expect(moth.complaints).toEqual([]);
});

test("a room is a link: people make new ones, and rooms do not mix", async (context) => {
  const { expect } = context;
  const fern = await visitor(context, "lobby", { name: "Fern" });
  await fern.say("In the lobby");
  await fern.page.getByLabel("Open another room").fill("Tea & biscuits");
  await fern.page.getByRole("button", { name: "Open" }).click();
  await fern.page.getByRole("heading", { name: "Tea & biscuits" }).waitFor();
  await fern.sees("connected");
  await expect.poll(() => fern.messages(), SOON).toEqual([]);
  await fern.say("In the kitchen");

  const moth = await visitor(context, "Tea & biscuits", { name: "Moth" });
  await expect.poll(() => moth.messages(), SOON).toEqual(["In the kitchen"]);
  await fern.page.getByRole("link", { name: "lobby" }).click();
  await expect.poll(() => fern.messages(), SOON).toEqual(["In the lobby"]);
  await fern.page.getByRole("link", { name: "Tea & biscuits" }).waitFor();
});

test("everything can be done by keyboard", async (context) => {
  const { expect } = context;
  const fern = await visitor(context, "keys");
  const { keyboard } = fern.page;
  const focused = (): Promise<string | undefined> =>
    fern.page.evaluate(() => {
      const element = document.activeElement;
      return element?.id || element?.textContent.trim();
    });

  await expect.poll(focused, SOON).toBe("name");
  await keyboard.type("Fern");
  await keyboard.press("Enter");
  await expect.poll(focused, SOON).toBe("text");
  await keyboard.type("First line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await expect.poll(() => fern.messages(), SOON).toEqual(["First line\nsecond line"]);
  await expect.poll(focused, SOON).toBe("text");

  await keyboard.press("Shift+Tab");
  await expect.poll(focused, SOON).toBe("log");
  await keyboard.press("Shift+Tab");
  await expect.poll(focused, SOON).toBe("share");
  await keyboard.press("Shift+Tab");
  await expect.poll(focused, SOON).toBe("rename");
  await keyboard.press("Enter");
  await keyboard.press("Escape");
  await expect.poll(focused, SOON).toBe("rename");

  for (let steps = 0; steps < 10 && (await focused()) !== "rehearsal"; steps++) {
    await keyboard.press("Shift+Tab");
  }
  await keyboard.press("Enter");
  await fern.page.getByRole("heading", { name: "rehearsal" }).waitFor();
  await expect.poll(focused, SOON).toBe("text");
  expect(fern.complaints).toEqual([]);
});

test("the page fits a phone, and looks well in light and dark", async (context) => {
  const { expect } = context;
  const [fern, moth] = await pair(context, "half-hour", PHONE);
  await moth.say("Is the kettle on?");
  await fern.say("Just now. Ten minutes to the half-hour call.");
  await fern.say("The stage door key is on the hook.");
  await moth.say("Page 42 has changed again, and so has everything after it.");

  for (const colorScheme of ["light", "dark"] as const) {
    for (const [device, { page }] of Object.entries({ desktop: fern, phone: moth })) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: picture(`chat-${device}-${colorScheme}`) });
    }
  }

  await moth.say("long".repeat(40));
  await moth.page.getByLabel("Your message").fill("long".repeat(40));
  const widths = await moth.page.evaluate(() =>
    ["html", "#log"].map((query) => document.querySelector(query)?.scrollWidth),
  );
  expect(widths).toEqual([390, 390]);

  const menu = moth.page.getByRole("button", { name: "Rooms and your name" });
  const rooms = moth.page.getByRole("navigation", { name: "Rooms" });
  expect(await rooms.isVisible()).toBe(false);
  await menu.tap();
  await rooms.waitFor();
  await moth.page.screenshot({ path: picture("chat-phone-rooms") });
  await moth.page.keyboard.press("Escape");
  await rooms.waitFor({ state: "hidden" });
  expect(await menu.evaluate((element) => element === document.activeElement)).toBe(true);
  expect([...fern.complaints, ...moth.complaints]).toEqual([]);
});
