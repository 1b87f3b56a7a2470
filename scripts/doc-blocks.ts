// Reads the TypeScript blocks of a Markdown page, as the files that a reader would make of them.
//
// - A block whose first line is `// name.ts` is that file: later blocks of the page can import it,
//   and a later block of the same name takes its place.
// - `<!-- context: ... -->` right before a block gives lines that are checked with it, not shown.
// - Each block keeps its line numbers, so that a compiler error points into the page.

export type DocBlock = {
  /** The name that the block gives itself, if any. */
  name?: string;
  /** The line of the page where its code starts. */
  line: number;
  /** The code, after as many empty lines as the page has before it; its context is on the first. */
  code: string;
  language: "ts" | "tsx";
};

const FENCE = /^( *)(`{3,})(\S*)(.*)$/;

export function blocksOf(page: string): DocBlock[] {
  const lines = page.split(/\r?\n/);
  const blocks: DocBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent, fence, language] = lines[at]!.match(FENCE) ?? [];
    if (fence === undefined) continue;
    const start = at + 1;
    while (++at < lines.length && lines[at]!.trim() !== fence);
    if (language !== "ts" && language !== "tsx" && language !== "typescript") continue;
    const body = lines.slice(start, at).map((line) => unindent(line, indent!.length));
    const name = body[0]?.match(/^\/\/ ((?:[\w-]+\/)*[\w.-]+\.tsx?)(?:[\s,:].*)?$/)?.[1];
    blocks.push({
      ...(name === undefined ? {} : { name }),
      line: start + 1,
      code: contextBefore(lines, start - 1) + "\n".repeat(start) + body.join("\n") + "\n",
      language: language === "tsx" || name?.endsWith("x") ? "tsx" : "ts",
    });
  }
  return blocks;
}

export type DocFile = { path: string; code: string; checked: boolean };

/**
 * The files to compile for a page: each block in a folder of its own, beside the named files that
 * stand above it in the page.
 */
export function filesOf(blocks: DocBlock[]): DocFile[] {
  const named = new Map<string, string>();
  return blocks.flatMap((block) => {
    const own = block.name ?? `block.${block.language}`;
    const above = [...named].filter(([name]) => name !== own);
    if (block.name !== undefined) named.set(block.name, block.code);
    return [
      ...above.map(([name, code]) => ({ path: `${block.line}/${name}`, code, checked: false })),
      { path: `${block.line}/${own}`, code: block.code, checked: true },
    ];
  });
}

/** A comment that ends on the line before the fence, or before an empty line there, on one line. */
function contextBefore(lines: string[], fenceAt: number): string {
  let end = fenceAt - 1;
  while (end >= 0 && lines[end]!.trim() === "") end--;
  if (end < 0 || !lines[end]!.trimEnd().endsWith("-->")) return "";
  let start = end;
  while (start >= 0 && !lines[start]!.includes("<!--")) start--;
  const comment = lines.slice(Math.max(start, 0), end + 1).join(" ");
  return comment.match(/<!--\s*context:\s*(.*?)\s*-->/)?.[1] ?? "";
}

function unindent(line: string, spaces: number): string {
  return line.startsWith(" ".repeat(spaces)) ? line.slice(spaces) : line.trimStart();
}
