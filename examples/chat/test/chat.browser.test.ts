// The page in a real Chromium, and the room in real workerd.
import { connect } from "@greenroom/client";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { launch, PHONE, picture } from "../../test/chromium.ts";
import { WorkerProcess } from "../../test/worker-process.ts";
import { chat } from "../contract.ts";
import { Visitor } from "./visitor.ts";

const worker = new WorkerProcess("wrangler.jsonc");
/** How long the page may take, at most. */
const SOON = { timeout: 20_000 };
let browser: Browser;

beforeAll(async () => {
  browser = await launch();
  await worker.start();
});

afterAll(async () => {
  await browser.close();
  await worker.end();
});

/** Somebody opens the page in a room. */
async function visitor(
  room: string,
  options: Parameters<typeof Visitor.arrive>[1] = {},
): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, options);
  onTestFinished(() => visitor.page.context().close());
  await visitor.visit(worker.url, room);
  return visitor;
}

/** Two people in a room, the second perhaps on another device. */
function pair(room: string, device: BrowserContextOptions = {}): Promise<[Visitor, Visitor]> {
  return Promise.all([
    visitor(room, { name: "Fern" }),
    visitor(room, { ...device, name: "Night Moth" }),
  ]);
}

test("two people see each other's messages, in order, with the count and the time left", async () => {
  const [fern, moth] = await pair("two");
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

test("a newcomer reads what was said before, and a reload keeps what is yours", async () => {
  const fern = await visitor("history", { name: "Fern" });
  const all = ["Line 1", "Line 2", "Line 3"];
  for (const text of all) await fern.say(text);
  const moth = await visitor("history", { name: "Moth" });
  await expect.poll(() => moth.messages(), SOON).toEqual(all);
  await expect.poll(() => moth.facts(), SOON).toMatch(/^3 messages/);

  await fern.page.reload();
  await expect.poll(() => fern.messages(), SOON).toEqual(all);
  expect(await fern.page.locator("#messages .mine").count()).toBe(3);
});

test("who is typing is shown while they do, and what comes to a hidden page is counted", async () => {
  const [fern, moth] = await pair("typing");
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

test("what was said long before comes on scrolling up, in its place", async () => {
  const all = Array.from({ length: 120 }, (_, index) => `Line ${index + 1}`);
  const fern = connect(chat, { host: worker.url, room: "long" });
  await Promise.all(all.map((text) => fern.send("say", { name: "Fern", text })));
  fern.close();

  const moth = await visitor("long", { name: "Moth" });
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

test("a room is a link: people make new ones, and rooms do not mix", async () => {
  const fern = await visitor("lobby", { name: "Fern" });
  await fern.say("In the lobby");
  await fern.page.getByLabel("Open another room").fill("Tea & biscuits");
  await fern.page.getByRole("button", { name: "Open" }).click();
  await fern.page.getByRole("heading", { name: "Tea & biscuits" }).waitFor();
  await fern.sees("connected");
  await expect.poll(() => fern.messages(), SOON).toEqual([]);
  await fern.say("In the kitchen");

  const moth = await visitor("Tea & biscuits", { name: "Moth" });
  await expect.poll(() => moth.messages(), SOON).toEqual(["In the kitchen"]);
  await fern.page.getByRole("link", { name: "lobby" }).click();
  await expect.poll(() => fern.messages(), SOON).toEqual(["In the lobby"]);
  await fern.page.getByRole("link", { name: "Tea & biscuits" }).waitFor();
});

test("a server that is killed comes back: nothing is lost, nothing is doubled", async () => {
  const [fern, moth] = await pair("killed");
  await fern.say("One");
  await moth.say("Two");
  await fern.write("Three, while it dies");
  await worker.kill();
  await Promise.all([fern.sees("reconnecting…"), moth.sees("reconnecting…")]);

  await moth.write("Four, while it is away");
  await moth.page.getByText("sending…").waitFor();
  await moth.page.screenshot({ path: picture("chat-desktop-reconnecting") });
  expect((await moth.messages()).at(-1)).toBe("… Four, while it is away");
  await worker.start();
  await Promise.all([fern.sees("connected"), moth.sees("connected")]);

  // Whether the third was kept before the end or sent again: it is there once, on both pages alike.
  const both = ["Three, while it dies", "Four, while it is away"];
  const arrived = async (): Promise<string[]> => (await fern.messages()).slice(2).toSorted();
  await expect.poll(arrived, SOON).toEqual(both.toSorted());
  await fern.say("Five");
  const all = await fern.messages();
  expect([all[0], all[1], all[4], all.length]).toEqual(["One", "Two", "Five", 5]);
  await expect.poll(() => moth.messages(), SOON).toEqual(all);
  for (const each of [fern, moth]) {
    await expect.poll(() => each.facts(), SOON).toMatch(/^5 messages/);
    // Chromium itself reports each attempt to reach a server that is not there.
    expect(
      each.complaints.filter((text) => !/^WebSocket connection to 'ws:[^']+' failed/.test(text)),
    ).toEqual([]);
  }
});

test("everything can be done by keyboard", async () => {
  const fern = await visitor("keys");
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

test("the page fits a phone, and looks well in light and dark", async () => {
  const [fern, moth] = await pair("half-hour", PHONE);
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
