// What the page says when a room expires, begins anew, has forgotten what somebody missed, or is
// killed with its server.
import { join } from "node:path";

import { FaultProxy, WorkerProcess } from "@greenroom/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test, type TestContext } from "vitest";

import { PHONE, picture, servePages, type WindowOptions } from "../../test/chromium.ts";
import { sharedChromium, sharedPages } from "../../test/shared.ts";
import { Visitor } from "./visitor.ts";

const SOON = { timeout: 20_000 };
let worker: WorkerProcess;
let browser: Browser;

beforeAll(async () => {
  const config = join(import.meta.dirname, "brief.wrangler.jsonc");
  [browser, worker] = await Promise.all([sharedChromium(), WorkerProcess.start({ config })]);
});

afterAll(async () => {
  await Promise.all([browser.close(), worker.stop()]);
});

async function visitor({ onTestFinished }: TestContext, options: WindowOptions): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, options);
  onTestFinished(() => visitor.close());
  await servePages(visitor.page, sharedPages());
  return visitor;
}

test("a room that expires says so, and starts again with a button", async (context) => {
  const { expect } = context;
  const fern = await visitor(context, { ...PHONE, name: "Fern" });
  await fern.visit(worker.url, "brief");
  await fern.say("Good night");
  await expect.poll(() => fern.facts(), SOON).toMatch(/^1 message · expires in \d s$/);

  await fern.sees("expired");
  await fern.page.getByRole("alert").getByText("This room has expired").waitFor();
  await expect.poll(() => fern.facts(), SOON).toBe("1 message");
  await expect.poll(() => fern.messages(), SOON).toEqual(["Good night"]);
  await fern.page.screenshot({ path: picture("chat-phone-expired") });

  await fern.page.getByRole("button", { name: "Start again" }).click();
  await fern.sees("connected");
  await fern.page.getByText("The room began anew; what was said before is gone.").waitFor();
  await expect.poll(() => fern.facts(), SOON).toBe("no messages");
  await expect.poll(() => fern.messages(), SOON).toEqual([]);
  await fern.say("Good morning");
  await expect.poll(() => fern.facts(), SOON).toMatch(/^1 message ·/);
  expect(fern.complaints).toEqual([]);
});

test("a message that the room did not get is kept, with the reason, to be sent again", async (context) => {
  const { expect } = context;
  const fern = await visitor(context, { name: "Fern" });
  const network = await fern.network();
  await fern.visit(worker.url, "too late");
  await fern.say("Good night");
  network.cut();
  await fern.sees("reconnecting…");
  await fern.write("One more thing");
  network.mend("expired");

  await fern.sees("expired");
  await fern.page.getByText("The room closed before it got this.").waitFor();
  await expect.poll(() => fern.messages(), SOON).toEqual(["Good night", "… One more thing"]);
  await fern.page.screenshot({ path: picture("chat-desktop-failed") });
  await fern.page.getByRole("button", { name: "Start again" }).click();
  await fern.sees("connected");
  await fern.page.getByRole("button", { name: "Send again" }).click();
  await expect.poll(() => fern.messages(), SOON).toEqual(["Good night", "One more thing"]);
});

test("somebody who missed more than the room remembers is told", async (context) => {
  const { expect } = context;
  const moth = await visitor(context, { name: "Moth" });
  const network = await moth.network();
  await moth.visit(worker.url, "forgetful");
  const fern = await visitor(context, { name: "Fern" });
  await fern.visit(worker.url, "forgetful");
  await fern.say("Before");
  await expect.poll(() => moth.messages(), SOON).toEqual(["Before"]);

  network.cut();
  await moth.sees("reconnecting…");
  const long = Array.from({ length: 20 }, (_, index) => `${index} `.padEnd(1900, "long "));
  for (const text of long) await fern.write(text);
  await expect.poll(async () => (await fern.messages()).length, SOON).toBe(21);
  network.mend();

  await moth.sees("connected");
  await moth.page.getByText("some messages between are missing").waitFor();
  const texts = await moth.messages();
  expect(texts[0]).toBe("Before");
  expect(texts.length).toBeLessThan(20);
  expect(texts.slice(1).map((text) => text.slice(0, 3))).toEqual(
    long.slice(1 - texts.length).map((text) => text.slice(0, 3)),
  );
});

test("a server that is killed comes back: nothing is lost, nothing is doubled", async (context) => {
  const { expect } = context;
  const proxy = await FaultProxy.start(worker.host);
  context.onTestFinished(() => proxy.stop());
  const arrive = async (name: string): Promise<Visitor> => {
    const arrived = await visitor(context, { name });
    await arrived.visit(`http://${proxy.host}`, "killed");
    return arrived;
  };
  const [fern, moth] = await Promise.all([arrive("Fern"), arrive("Moth")]);
  await fern.say("One");
  await moth.say("Two");
  await fern.write("Three, while it dies");
  // It is back before long, and then cannot be reached for as long as the test wants.
  proxy.refuse(60_000);
  await worker.kill();
  await Promise.all([fern.sees("reconnecting…"), moth.sees("reconnecting…")]);

  await moth.write("Four, while it is away");
  await moth.page.getByText("sending…").waitFor();
  await moth.page.screenshot({ path: picture("chat-desktop-reconnecting") });
  expect((await moth.messages()).at(-1)).toBe("… Four, while it is away");
  proxy.refuse(0);
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
