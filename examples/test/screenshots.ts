// `npm run -s screenshots`: every page of the examples, and the site's first, in light and dark, on a
// desktop and on a phone, with people in them and without, and while the network is away.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { FaultProxy, WorkerProcess } from "@greenroom/testing";
import type { Browser, Page } from "playwright-core";

import { audit } from "./audit.ts";
import { launch, openWindow, PHONE, servePages } from "./chromium.ts";
import { SCENES, type Scene } from "./scenes.ts";

const HELP = `npm run -s screenshots -- --out DIR [options]

Takes a picture of every page of the examples, and of the documentation's site where it is built
(\`npm run docs:build\`), in light and dark, on a desktop (1280 x 800) and on a phone (390 x 844), with
several people in it, empty, and while the network is away. Looks for texts that are cut or fainter
than WCAG AA allows, for pages wider than the screen, and on the phone for what is smaller than 44 px
to hit; ends with 1 where there is any. The rest is for you to look at.

  --out DIR   the folder for the pictures
  --only WORD only scenes with this word in their names
  --json      one line for machines
  --help`;

const ROOT = join(import.meta.dirname, "../..");
const PAGES = join(ROOT, "examples/dist");
const DEVICES = { desktop: { viewport: { width: 1280, height: 800 } }, phone: PHONE };

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    only: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

if (values.help) console.log(HELP);
else if (values.out === undefined) {
  console.error(HELP);
  process.exitCode = 1;
} else await main(values.out);

async function main(out: string): Promise<void> {
  process.loadEnvFile(join(ROOT, "wrangler.env"));
  mkdirSync(out, { recursive: true });
  const [worker, browser] = await Promise.all([
    WorkerProcess.start({ config: join(ROOT, "wrangler.jsonc") }),
    launch(),
  ]);
  const faults: Record<string, string[]> = {};
  let pictures = 0;
  try {
    for (const scene of SCENES.filter(({ name }) => name.includes(values.only ?? ""))) {
      if (scene.pages !== undefined && !existsSync(join(ROOT, scene.pages))) {
        console.error(`${scene.name}: ${scene.pages} is not built`);
        continue;
      }
      for (const device of ["desktop", "phone"] as const) {
        console.error(`${scene.name}, ${device}`);
        const found = await shoot(browser, worker, { scene, device, out });
        pictures += found.length;
        for (const { picture, lines } of found) if (lines.length > 0) faults[picture] = lines;
      }
    }
  } finally {
    await Promise.all([browser.close(), worker.stop()]);
  }
  if (values.json) console.log(JSON.stringify({ pictures, faults }));
  else {
    for (const [picture, lines] of Object.entries(faults))
      console.log(`${picture}\n  ${lines.join("\n  ")}`);
    console.log(`${pictures} pictures in ${out}, ${Object.keys(faults).length} with faults`);
  }
  if (Object.keys(faults).length > 0) process.exitCode = 1;
}

async function shoot(
  browser: Browser,
  worker: WorkerProcess,
  { scene, device, out }: { scene: Scene; device: "desktop" | "phone"; out: string },
): Promise<{ picture: string; lines: string[] }[]> {
  const proxy = await FaultProxy.start(worker.host);
  const ends: (() => unknown)[] = [() => proxy.stop()];
  const open = async (
    name: string | undefined,
    options: Parameters<typeof openWindow>[1] = {},
  ): Promise<Page> => {
    const named = { ...options, ...(name !== undefined && { name }) };
    const { page, close } = await openWindow(browser, named);
    ends.push(close);
    await servePages(page, scene.pages === undefined ? PAGES : join(ROOT, scene.pages));
    return page;
  };
  try {
    const page = await open(scene.nameless ? undefined : "Fern", DEVICES[device]);
    const cut = (): void => {
      proxy.refuse(120_000);
      for (const link of proxy.links) link.cut();
    };
    await scene.play({
      page,
      origin: `http://${proxy.host}`,
      host: worker.host,
      room: `${scene.room ?? scene.name}${device === "phone" ? "-2" : ""}`,
      cut,
      onEnd: (end) => void ends.push(end),
      other: open,
    });
    const found: { picture: string; lines: string[] }[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await scene.settle?.(page);
      const picture = `${scene.name}-${device}-${colorScheme}.png`;
      await page.screenshot({ path: join(out, picture) });
      found.push({ picture, lines: await audit(page, { hasFinger: device === "phone" }) });
    }
    return found;
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}
