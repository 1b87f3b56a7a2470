// What the page says when a room expires, begins anew, or has forgotten what somebody missed.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { launch, PHONE, picture } from "../../test/chromium.ts";
import { WorkerProcess } from "../../test/worker-process.ts";
import { Visitor } from "./visitor.ts";

const worker = new WorkerProcess("examples/chat/test/brief.wrangler.jsonc");
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

async function visitor(options: Parameters<typeof Visitor.arrive>[1]): Promise<Visitor> {
  const visitor = await Visitor.arrive(browser, options);
  onTestFinished(() => visitor.page.context().close());
  return visitor;
}

test("a room that expires says so, and starts again with a button", async () => {
  const fern = await visitor({ ...PHONE, name: "Fern" });
  await fern.visit(worker.url, "expires");
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

test("a message that the room did not get is kept, with the reason, to be sent again", async () => {
  const fern = await visitor({ name: "Fern" });
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

test("somebody who missed more than the room remembers is told", async () => {
  const moth = await visitor({ name: "Moth" });
  const network = await moth.network();
  await moth.visit(worker.url, "gap");
  const fern = await visitor({ name: "Fern" });
  await fern.visit(worker.url, "gap");
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
