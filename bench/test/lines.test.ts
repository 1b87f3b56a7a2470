// What the commands beside the bench say to what cannot be: a line and 1, before anything is started.
import { execFile } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

test.concurrent.each([
  ["bench/growth/main.ts --most abc", "--most is abc; it takes a whole number from 0."],
  ["bench/growth/main.ts rooms --most 0", "--most is 0, and not one step of rooms is that small."],
  ["bench/growth/main.ts --out nowhere/x.json", "--out nowhere/x.json cannot be written: ENOENT."],
  ["bench/soak/main.ts --minutes 0", "--minutes is 0; it takes a number above 0."],
  ["bench/soak/main.ts --rooms 0", "--rooms is 0; it takes a whole number from 1."],
  ["bench/soak/main.ts --out nowhere/x.json", "--out nowhere/x.json cannot be written: ENOENT."],
  [
    "bench/soak/main.ts --clients 3",
    "--clients is 3, and there are 50 rooms (--rooms); each needs one.",
  ],
  ["bench/soak/main.ts --out LICENSE", /^LICENSE is not JSON: /],
  ["bench/chaos/main.ts --clients 0", "--clients is 0; it takes a whole number from 1."],
  ["bench/chaos/main.ts --seed=-1", "--seed is -1; it takes a whole number from 0."],
  ["bench/limits/abuse.ts --abuser both", "--abuser is both; it takes same or new."],
  ["bench/limits/slow-reader.ts --readers 0", "--readers is 0; it takes a whole number from 1."],
  ["bench/goals.ts nowhere.json", "nowhere.json cannot be read: ENOENT."],
  [
    "bench/goals.ts package.json",
    "package.json is no run of the bench, as --out or --json writes it.",
  ],
  ["scripts/figures.ts --frob", "Unknown option '--frob'. See --help."],
])("%s", async (command, line) => {
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, command.split(" "), { cwd: ROOT }, (fault, out, said) =>
      resolve({ code: fault?.code, out, said: said.trim() }),
    );
  });
  const said: unknown = typeof line === "string" ? line : expect.stringMatching(line);
  expect(ended).toEqual({ code: 1, out: "", said });
});
