// The same configuration in JSONC and in TOML is read into the same values, each at its own place.
import { describe, expect, test } from "vitest";

import { parsePlacedJson } from "../src/placed-json.ts";
import { parsePlacedToml } from "../src/placed-toml.ts";
import { ConfigSyntaxError, itemsAt, membersAt, placedAt, textAt } from "../src/placed.ts";

const JSONC = `{
  // a comment
  "name": "chat",
  "durable_objects": { "bindings": [{ "name": "A", "class_name": "B" }] },
  "migrations": [{ "tag": "v1" }, { "tag": "v2", "new_classes": ["C"] }],
  "env": { "staging": { "name": "other", }, },
}`;

const TOML = `# a comment
name = "chat"
durable_objects.bindings = [{ name = "A", class_name = "B" }]

[[migrations]]
tag = "v1"

[[migrations]]
tag = "v2"
new_classes = [
  "C", # the third
]

[env.staging]
name = 'other'
`;

describe.each([
  ["JSONC", JSONC, parsePlacedJson(JSONC)],
  ["TOML", TOML, parsePlacedToml(TOML)],
])("%s", (_format, text, root) => {
  test.each([
    [["name"], "chat"],
    [["durable_objects", "bindings", 0, "class_name"], "B"],
    [["migrations", 1, "tag"], "v2"],
    [["migrations", 1, "new_classes", 0], "C"],
    [["env", "staging", "name"], "other"],
  ])("%j is where it stands", (path, value) => {
    expect(textAt(root, ...path)).toBe(value);
    const node = placedAt(root, ...path);
    expect(text.slice((node?.start ?? 0) + 1, (node?.end ?? 0) - 1)).toBe(value);
  });

  test("lists and objects can be gone through", () => {
    expect(itemsAt(root, "migrations")).toHaveLength(2);
    expect(membersAt(root, "env").map(([key]) => key)).toEqual(["staging"]);
    expect(itemsAt(root, "name")).toEqual([]);
    expect(placedAt(root, "migrations", 7, "tag")).toBeUndefined();
  });
});

test.each([
  ["a missing colon", () => parsePlacedJson('{ "a" 1 }'), 6],
  ["an empty file", () => parsePlacedJson(""), 0],
  ["a doubled sign", () => parsePlacedToml("a = = 1"), 4],
])("%s is an error with its place", (_title, parse, offset) => {
  expect(parse).toThrow(ConfigSyntaxError);
  expect(parse).toThrow(expect.objectContaining({ offset }));
});
