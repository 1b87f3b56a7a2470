// The tutorial is read as it is followed.
import { expect, test } from "vitest";

import { stepsOf } from "../tutorial-steps.ts";

test("files are named by their first line, and commands are lines", () => {
  const page = [
    "# A page",
    "```sh",
    "mkdir chat && cd chat",
    "npm init -y",
    "```",
    "```ts",
    "// page/main.ts",
    "export {};",
    "```",
    "```json",
    "// tsconfig.json",
    "{}",
    "```",
    "```html",
    "<!-- index.html -->",
    "<p>",
    "```",
    "```ts",
    "// only to be read",
    "```",
  ].join("\n");
  expect(stepsOf(page)).toEqual([
    { kind: "command", line: "mkdir chat && cd chat" },
    { kind: "command", line: "npm init -y" },
    { kind: "file", path: "page/main.ts", text: "// page/main.ts\nexport {};\n" },
    { kind: "file", path: "tsconfig.json", text: "{}\n" },
    { kind: "file", path: "index.html", text: "<!-- index.html -->\n<p>\n" },
  ]);
});
