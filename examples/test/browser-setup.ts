// What all browser tests share, made once before the first of them: one Chromium, in which each test
// has windows of its own, and the pages of the examples, built.
import { rmSync } from "node:fs";

import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";

import { launchOptions } from "../../scripts/chromium.ts";
import { buildPages } from "./chromium.ts";

export type Shared = {
  /** Where the shared Chromium is reached. */
  chromium: string;
  /** The folder of the built pages. */
  pages: string;
};

declare module "vitest" {
  interface ProvidedContext extends Shared {}
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server, pages] = await Promise.all([
    chromium.launchServer({ ...launchOptions(), host: "127.0.0.1" }),
    buildPages(),
  ]);
  project.provide("chromium", server.wsEndpoint());
  project.provide("pages", pages);
  return async () => {
    await server.close();
    rmSync(pages, { recursive: true, force: true });
  };
}
