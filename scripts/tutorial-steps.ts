// Reads the tutorial as somebody who follows it: the files that it has one write, and the commands.

export type Step = { kind: "file"; path: string; text: string } | { kind: "command"; line: string };

/** A block that begins with its own name, in a comment of its language. */
const NAME = /^(?:\/\/|<!--) ([\w.-]+(?:\/[\w.-]+)*\.\w+)(?: -->)?\n/;

/** The steps of a page, in order; a block that is neither a file nor commands is for reading. */
export function stepsOf(page: string): Step[] {
  const blocks = page.matchAll(/^```(\w*)\n([^]*?)^```$/gm);
  return [...blocks].flatMap(([, language, text = ""]): Step[] => {
    if (language === "sh") {
      return text
        .trim()
        .split("\n")
        .map((line) => ({ kind: "command", line }));
    }
    const name = NAME.exec(text);
    if (!name) return [];
    // JSON has no comments: its name is for the reader.
    const body = language === "json" ? text.slice(name[0].length) : text;
    return [{ kind: "file", path: name[1]!, text: body }];
  });
}
