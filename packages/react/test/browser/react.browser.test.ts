// The hooks in a real Chromium, with a room in real workerd, on both versions of React.
import { join } from "node:path";

import { connect } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";
import { WorkerProcess } from "@greenroom/testing";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, test, type TestContext } from "vitest";

import { openWindow } from "../../../../examples/test/chromium.ts";
import { sharedChromium } from "../../../../examples/test/shared.ts";
import { chat } from "./contract.ts";

const SOON = { timeout: 20_000 };
const FOLDER = import.meta.dirname;
const VERSIONS = ["19", "18"];
let browser: Browser;
let worker: WorkerProcess;

beforeAll(async () => {
  [browser, worker] = await Promise.all([
    sharedChromium(),
    WorkerProcess.start({ config: join(FOLDER, "wrangler.jsonc") }),
  ]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), worker?.stop()]);
});

/** The page, built on one version of React. */
async function bundle(version: string): Promise<string> {
  const older = join(FOLDER, "../react-18/node_modules");
  const { outputFiles } = await build({
    entryPoints: [join(FOLDER, "page.tsx")],
    bundle: true,
    write: false,
    format: "iife",
    jsx: "automatic",
    // The build for development is the one whose StrictMode does everything twice.
    define: { "process.env.NODE_ENV": '"development"' },
    ...(version === "18" && {
      alias: { react: join(older, "react"), "react-dom": join(older, "react-dom") },
    }),
  });
  return outputFiles[0]?.text ?? "";
}

/** Somebody in front of the page. */
class Visitor {
  readonly page: Page;
  readonly #complaints: readonly string[];
  /** The addresses of the sockets that are open, and how many there were. */
  readonly open: string[] = [];
  dials = 0;

  constructor(page: Page, complaints: readonly string[]) {
    this.page = page;
    this.#complaints = complaints;
    page.on("websocket", (socket) => {
      this.dials += 1;
      this.open.push(new URL(socket.url()).pathname);
      socket.on("close", () =>
        this.open.splice(this.open.indexOf(new URL(socket.url()).pathname), 1),
      );
    });
  }

  static async arrive(
    { onTestFinished }: TestContext,
    script: string,
    { name, rooms }: { name: string; rooms: string },
  ): Promise<Visitor> {
    const { page, complaints, close } = await openWindow(browser);
    onTestFinished(close);
    const visitor = new Visitor(page, complaints);
    await visitor.page.route("**/page?*", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><main></main><script>${script.replaceAll("</script", "<\\/script")}</script>`,
      }),
    );
    const query = new URLSearchParams({ name, rooms }).toString();
    await visitor.page.goto(`${worker.url}/page?${query}`);
    // On a busy machine the first connection may come late enough to be `restored`.
    await visitor.sees(/^connected/);
    return visitor;
  }

  get complaints(): string[] {
    // Chromium itself reports each attempt to reach a server that is not there.
    return this.#complaints.filter((text) => !text.startsWith("WebSocket connection"));
  }

  sees(status: string | RegExp): Promise<void> {
    return this.page.locator("output").getByText(status, { exact: true }).waitFor(SOON);
  }

  click(name: string): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  async write(text: string): Promise<void> {
    await this.page.getByLabel("text").fill(text);
    await this.click("send");
  }

  /** How often what has rendered since the last time. */
  forgetRenders(): Promise<Record<string, number>> {
    return this.page.evaluate(() => {
      const { renders } = globalThis as unknown as { renders: Record<string, number> };
      const before = { ...renders };
      for (const id of Object.keys(renders)) delete renders[id];
      return before;
    });
  }

  said(): Promise<string[]> {
    return this.page.locator("ul > li").allTextContents();
  }

  outgoing(): Promise<string[]> {
    return this.page.locator("ol > li").allTextContents();
  }
}

/** The page's script, by the version of React. */
const scripts = new Map<string, string>();

beforeAll(async () => {
  for (const version of VERSIONS) scripts.set(version, await bundle(version));
});

/** People in rooms that are their test's alone. */
function arrive(context: TestContext, version: string, ...names: string[]): Promise<Visitor[]> {
  const rooms = context.task.id;
  const script = scripts.get(version) ?? "";
  return Promise.all(names.map((name) => Visitor.arrive(context, script, { name, rooms })));
}

describe.concurrent.each(VERSIONS)("React %s", (version) => {
  test("[V6] [V7] [V8] people talk, over one socket a page, in StrictMode", async (context) => {
    const { expect } = context;
    const [fern, moth] = (await arrive(context, version, "Fern", "Moth")) as [Visitor, Visitor];
    await moth.page.getByLabel("text").fill("Just n");
    await fern.write("Is the kettle on?");
    await expect.poll(() => moth.said(), SOON).toEqual(["Fern: Is the kettle on?"]);
    await moth.page.getByText("Is the kettle on? while writing Just n").waitFor();
    await moth.write("Just now.");
    const all = ["Fern: Is the kettle on?", "Moth: Just now."];
    for (const each of [fern, moth]) {
      await expect.poll(() => each.said(), SOON).toEqual(all);
      await expect.poll(() => each.outgoing(), SOON).toEqual([]);
      expect([each.dials, each.complaints]).toEqual([1, []]);
    }
  });

  // What differs between the versions is tested on both without a browser.
  if (version === "18") return;

  test("[V7] who switches rooms fast is in the last, and leaves no socket behind", async (context) => {
    const { expect } = context;
    const [fern] = (await arrive(context, version, "Fern")) as [Visitor];
    // All within the second for which a room lingers, and each in a render of its own.
    await fern.page.evaluate(async () => {
      const buttons = [...document.querySelectorAll("nav button")] as HTMLButtonElement[];
      for (const room of ["kitchen", "stage", "lobby", "kitchen", "lobby", "stage"]) {
        buttons.find(({ textContent }) => textContent === room)?.click();
        await new Promise((resolve) => setTimeout(resolve));
      }
    });
    await fern.sees(/^connected/);
    await fern.write("On stage");
    await expect.poll(() => fern.said(), SOON).toEqual(["Fern: On stage"]);
    await expect.poll(() => fern.open, SOON).toEqual([expect.stringMatching(/stage$/)]);
    // Each room was dialed once: who came back found the connection there was.
    expect(fern.dials).toBe(3);
    await fern.click("none");
    await expect.poll(() => fern.open, SOON).toEqual([]);
    expect(fern.complaints).toEqual([]);
  });

  test("[V9] 100 members move, and who reads one of them renders only for that one", async (context) => {
    const { expect } = context;
    const [fern] = (await arrive(context, version, "Fern")) as [Visitor];
    const members = Array.from({ length: 100 }, () => {
      const member = connect(chat, {
        host: worker.host,
        room: `${context.task.id} lobby`,
        use: [presence],
      });
      context.onTestFinished(() => member.close());
      member.presence.set({ x: 0 });
      return member;
    });
    const shown = (): Promise<string[]> => fern.page.locator("i").allTextContents();
    const all = (x: number, of = 100): string[] => Array.from({ length: of }, () => `${x}`);
    await expect.poll(shown, SOON).toEqual(all(0));
    const [still, ...others] = members as [(typeof members)[0], ...typeof members];
    await expect.poll(() => still.id, SOON).toBeDefined();

    await fern.forgetRenders();
    for (let x = 1; x <= 5; x++) {
      for (const member of others) member.presence.set({ x });
      await expect.poll(async () => (await shown()).toSorted(), SOON).toEqual(["0", ...all(x, 99)]);
    }
    const rendered = await fern.forgetRenders();
    expect(new Set(Object.keys(rendered))).toEqual(new Set(others.map(({ id }) => id)));

    still.presence.set({ x: 9 });
    await expect.poll(async () => (await shown()).toSorted(), SOON).toEqual([...all(5, 99), "9"]);
    // StrictMode renders twice.
    expect(await fern.forgetRenders()).toEqual({ [String(still.id)]: 2 });
    expect(fern.complaints).toEqual([]);
  });

  test("[V3] [V4] a newcomer sees the newest, and pages back to the first", async (context) => {
    const { expect } = context;
    const [fern] = (await arrive(context, version, "Fern")) as [Visitor];
    for (let line = 1; line <= 9; line++) await fern.write(`${line}`);
    await expect.poll(async () => (await fern.said()).length, SOON).toBe(9);
    await fern.page.reload();
    await expect.poll(() => fern.said(), SOON).toEqual(lines(5, 9));
    await fern.click("older");
    await expect.poll(() => fern.said(), SOON).toEqual(lines(2, 9));
    await fern.click("older");
    await expect.poll(() => fern.said(), SOON).toEqual(lines(1, 9));
    await fern.page.getByRole("button", { name: "older" }).waitFor({ state: "detached" });
    expect(fern.complaints).toEqual([]);
  });
});

test("[V2] [V6] what is sent while the server is dead is shown, and arrives once", async (context) => {
  const { expect } = context;
  const [fern] = (await arrive(context, "19", "Fern")) as [Visitor];
  await fern.write("One");
  await expect.poll(() => fern.said(), SOON).toEqual(["Fern: One"]);
  // Behind the kill, and ahead of the client's coming back.
  await fern.page.evaluate(() => {
    const away = (): never => {
      throw new Error("The network is away.");
    };
    Object.assign(globalThis, { present: WebSocket, WebSocket: away });
  });
  await worker.kill();
  await fern.sees("reconnecting lost");
  await fern.write("Two");
  await fern.write("Three");
  expect(await fern.outgoing()).toEqual(["Two", "Three"]);
  await fern.page.getByText("sending").waitFor();
  await fern.page.evaluate(() => {
    const { present } = globalThis as unknown as { present: typeof WebSocket };
    Object.assign(globalThis, { WebSocket: present });
  });
  await fern.sees("connected restored");
  const all = ["Fern: One", "Fern: Two", "Fern: Three"];
  await expect.poll(() => fern.said(), SOON).toEqual(all);
  expect(await fern.outgoing()).toEqual([]);
  await fern.page.getByText("sent", { exact: true }).waitFor(SOON);
});

function lines(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `Fern: ${first + index}`);
}
