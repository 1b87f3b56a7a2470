// The documentation's site: its menus list the pages that there are, and no link of them leads nowhere.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

import { expect, test } from "vitest";

import { targetOf } from "../../docs/.vitepress/pages.ts";
import { NAVIGATION, SIDEBAR } from "../../docs/.vitepress/sidebar.ts";
import { ROOT } from "../workspace.ts";

const pages = globSync(
  [
    "*.md",
    "docs/*.md",
    "docs/{guide,design}/*.md",
    "packages/protocol/SPEC.md",
    "examples/*/README.md",
  ],
  { cwd: ROOT },
).map((path) => path.split(sep).join("/"));

const menu = SIDEBAR.flatMap(({ items }) => items.map(({ link }) => link));

test("every entry of the menus is a page", () => {
  const links = [...menu, ...NAVIGATION.map(({ link }) => link)];
  const missing = links.filter((link) => !existsSync(join(ROOT, `${link}.md`)));
  expect(missing).toEqual([]);
});

test("every page of the guide and every example is in the menus", () => {
  const wanted = pages.filter((page) => /^(docs\/guide|examples)\//.test(page));
  const listed = new Set(menu.map((link) => `${link.slice(1)}.md`));
  expect(wanted.filter((page) => !listed.has(page))).toEqual([]);
});

test("every link of a page leads to a file of the repository, and every anchor to a heading", () => {
  const dead = pages.flatMap((page) =>
    linksOf(readFileSync(join(ROOT, page), "utf8"))
      .filter((href) => !isThere(page, href))
      .map((href) => `${page}: ${href}`),
  );
  expect(dead).toEqual([]);
});

test("a link leads to a page, a folder's page, or nowhere for a file that only the repository has", () => {
  const from = (href: string): string | undefined => targetOf(ROOT, "docs/guide/rooms.md", href);
  expect(from("delivery.md#the-log")).toBe("/docs/guide/delivery.md#the-log");
  expect(from("../../packages/protocol/SPEC.md")).toBe("/packages/protocol/SPEC.md");
  expect(from("../../examples/chat")).toBe("/examples/chat/README.md");
  expect(from("../../scripts/checks.ts")).toBe(undefined);
  expect(from("#here")).toBe("#here");
  expect(from("not-there.md")).toBe("not-there.md");
});

function linksOf(page: string): string[] {
  const prose = page.replaceAll(/^( *)(`{3,})[^]*?^\1\2$/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, href]) => href!)
    .filter((href) => !/^([a-z]+:|\/)/.test(href));
}

function isThere(page: string, href: string): boolean {
  const [path = "", hash] = href.split("#", 2);
  const file = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, file))) return false;
  if (hash === undefined || !file.endsWith(".md")) return true;
  return anchorsOf(readFileSync(join(ROOT, file), "utf8")).includes(hash);
}

/** The anchors of a page's headings, as GitHub and the site make them. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}
