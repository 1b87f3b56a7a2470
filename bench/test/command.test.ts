// What the command says to what it cannot do: a line, before anything is started.
import { execFile } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "vitest";

const COMMAND = join(import.meta.dirname, "../main.ts");

interface Ended {
  readonly code: unknown;
  readonly out: string;
  readonly said: string;
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], (fault, out, said) =>
      resolve({ code: fault?.code ?? 0, out, said }),
    );
  });
}

test.concurrent.each([
  [["nowhere"], /^There is no scenario "nowhere"; there are connects, cost, echo, .*wake\.$/],
  [["all", "nowhere"], /^There is no scenario "nowhere"/],
  [["echo", "--targets", "raw,nobody"], /^There is no target "nobody"; there are raw, colyseus, /],
  [["echo", "--reps", "0"], /^--reps is 0; it takes a whole number from 1\.$/],
  [["echo", "--seconds=-1"], /^--seconds is -1; it takes a number of seconds\.$/],
  [["echo", "--frob"], /^Unknown option '--frob'\. See --help\.$/],
  [["--reps", "3"], /^Which scenario\? One that `--list` names, or `all`\.$/],
] as const)("%j is answered by a line", async (args, line) => {
  const { code, out, said } = await bench(...args);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(said.trim()).toMatch(line);
});

test("a target that has no part in a scenario is told, and one that is named twice is measured once", async () => {
  const args = "cost --targets raw,raw,ws-sqlite-full --entries 4 --json".split(" ");
  const { code, out, said } = await bench(...args);
  expect(code).toBe(0);
  const results = JSON.parse(out) as { target: string; metric: string }[];
  expect(new Set(results.map(({ target }) => target))).toEqual(new Set(["raw"]));
  expect(new Set(results.map(({ metric }) => metric)).size).toBe(results.length);
  expect(said).toContain("warning: cost: ws-sqlite-full has no part in it.");
});
