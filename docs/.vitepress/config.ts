// The documentation as a site, from the same files that the repository shows.
import { join } from "node:path";

import { defineConfig, type MarkdownRenderer } from "vitepress";

import { targetOf } from "./pages.ts";
import { NAVIGATION, SIDEBAR } from "./sidebar.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What VitePress wants bundled beforehand is looked for at the top of the repository, where it is not. */
const unbundled = {
  name: "unbundled",
  configResolved({ optimizeDeps }: { optimizeDeps: { include?: string[] } }) {
    optimizeDeps.include =
      optimizeDeps.include?.filter((id) => !id.startsWith("vitepress >")) ?? [];
  },
};

export default defineConfig({
  title: "Greenroom",
  description: "Durable real-time rooms on Cloudflare Durable Objects.",
  srcDir: "..",
  srcExclude: [
    "**/node_modules/**",
    "**/fixtures/**",
    "bench/results/**",
    ".changeset/**",
    "packages/*/README.md",
    "packages/*/test/**",
    "scripts/**",
  ],
  // Its own pages are addressed by their paths; only the first stands at the top.
  rewrites: { "docs/index.md": "index.md" },
  cleanUrls: true,
  // Addresses that the reader has when something runs.
  ignoreDeadLinks: "localhostLinks",
  appearance: "force-auto",
  cacheDir: "../node_modules/.cache/vitepress",
  head: [["link", { rel: "icon", href: "/icon.svg", type: "image/svg+xml" }]],
  markdown: {
    config: mendLinks,
    // The usual ones are fainter than WCAG AA allows on the ground of a block.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  vite: { publicDir: join(import.meta.dirname, "public"), plugins: [unbundled] },
  themeConfig: {
    logo: "/icon.svg",
    nav: NAVIGATION,
    sidebar: SIDEBAR,
    outline: [2, 3],
    search: { provider: "local" },
    docFooter: { prev: "Before", next: "Next" },
  },
});

/** Links to files that are no pages become text: there is nothing on the site that they could open. */
function mendLinks(md: MarkdownRenderer): void {
  md.core.ruler.push("mend-links", ({ tokens, env }) => {
    // The first page stands at the top of the site.
    const { relativePath } = env as { relativePath: string };
    const page = relativePath === "index.md" ? "docs/index.md" : relativePath;
    for (const { children } of tokens) {
      let isOpen = true; // whether the link that is being read leads somewhere
      for (const token of children ?? []) {
        if (token.type === "link_open") {
          const target = targetOf(ROOT, page, decodeURI(token.attrGet("href") ?? ""));
          isOpen = target !== undefined;
          if (target !== undefined) token.attrSet("href", target);
        }
        if (isOpen || !token.type.startsWith("link_")) continue;
        token.type = token.type === "link_open" ? "em_open" : "em_close";
        token.tag = "span";
        token.attrs = token.type === "em_open" ? [["class", "in-repository"]] : null;
      }
    }
  });
}
