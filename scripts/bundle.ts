// A bundle as a user's build would make it: minified, with the packages under this one left out.
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

import { ROOT } from "./workspace.ts";

export interface Bundled {
  readonly text: string;
  /** The source map, as JSON, where it was asked for. */
  readonly map: string | undefined;
}

/** Bundles the code of one module. */
export async function bundle(code: string, isMapped = false): Promise<Bundled> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    outfile: "bundle.js",
    sourcemap: isMapped ? "external" : false,
    format: "esm",
    target: "es2024",
    platform: "neutral",
    external: ["partyserver", "partysocket", "cloudflare:*", "node:*", "react"],
    logLevel: "error",
  });
  const textOf = (end: string): string | undefined =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text;
  return { text: textOf(".js") ?? "", map: textOf(".map") };
}

/** Bytes of a text as a server would send it. */
export function zipped(text: string): number {
  return gzipSync(text, { level: 9 }).length;
}
