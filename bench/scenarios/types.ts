/** What a large contract costs the type checker: its schemas alone, with a room, and with a client. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { temporary } from "../leftovers.ts";
import type { Sample } from "../results.ts";
import { type Bench, Repetitions, type Scenario } from "../scenario.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Inside the workspace, so that imports resolve as the examples' do. */
const FOLDER = join(ROOT, "node_modules/.cache/bench");
const MESSAGES = 100;
const PACKAGES = ["packages/client", "packages/server"];
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

export const scenario: Scenario = {
  name: "types",
  about: "instantiations and time of the type checker for a contract with 100 messages (--entries)",
  reps: 3,
  takes: ["entries"],
  baseline: "schemas",
  async run(bench) {
    const samples: Sample[] = [];
    await promisify(execFile)(process.execPath, [TSC, "-b", ...PACKAGES], { cwd: ROOT });
    const repetitions = new Repetitions("types", bench);
    for (let rep = 0; repetitions.goesOn(rep); rep++) {
      for (const [target, program] of Object.entries(
        programs(bench.settings.entries ?? MESSAGES),
      )) {
        bench.progress(`types: repetition ${rep + 1} of ${bench.settings.reps}, ${target}`);
        samples.push(...(await check(target, program, bench)));
      }
    }
    return samples;
  },
};

interface Program {
  readonly text: string;
  /** Code for a page has the DOM's types, a room those of Workers. */
  readonly runs: "page" | "worker";
}

/** The schemas; the same with a room that handles each message; and with a client that sends each. */
function programs(messages: number): Record<string, Program> {
  const each = (line: (n: number) => string): string =>
    Array.from({ length: messages }, (_, n) => line(n)).join("\n");
  const schemas = `import * as v from "valibot";
export const messages = {
${each((n) => `  say${n}: v.object({ text: v.pipe(v.string(), v.minLength(1)), n${n}: v.number() }),`)}
};
export const events = {
${each((n) => `  said${n}: v.object({ from: v.string(), n${n}: v.number() }),`)}
};
`;
  const room = `${schemas}
import { contract, Room } from "@greenroom/server";

export const chat = contract({ name: "chat", messages, events });

export class Chat extends Room.of(chat) {
  handlers = this.handle({
${each((n) => `    say${n}: (member, { n${n} }) => this.publish("said${n}", { from: member.id, n${n} }),`)}
  });
}
`;
  const client = `${schemas}
import { connect, contract } from "@greenroom/client";

export const chat = contract({ name: "chat", messages, events });

const room = connect(chat, { host: "localhost", room: "lobby" });
${each((n) => `room.on("said${n}", ({ n${n} }) => void room.send("say${n}", { text: "x", n${n} }));`)}
`;
  return {
    schemas: { text: schemas, runs: "page" },
    "greenroom, a room": { text: room, runs: "worker" },
    "greenroom, a client": { text: client, runs: "page" },
  };
}

async function check(target: string, program: Program, { warn }: Bench): Promise<Sample[]> {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(join(FOLDER, "types-"));
  const remove = temporary(folder);
  try {
    writeFileSync(join(folder, "program.ts"), program.text);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configFor(program.runs)));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [TSC, "-p", folder, "--extendedDiagnostics"],
      { maxBuffer: 1e8 },
    ).catch((fault: { stdout?: string }) => {
      warn(`types, ${target}: ${fault.stdout?.split("\n")[0]}`);
      return { stdout: fault.stdout ?? "" };
    });
    const number = (name: string): number => {
      const found = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1];
      if (found === undefined) throw new Error(`tsc does not tell "${name}".`);
      return Number(found);
    };
    return [
      {
        target,
        metric: "instantiations",
        unit: "instantiations",
        value: number("Instantiations"),
      },
      { target, metric: "check time", unit: "ms", value: number("Check time") * 1_000 },
    ];
  } finally {
    remove();
  }
}

function configFor(runs: Program["runs"]): object {
  return {
    extends: "../../../../tsconfig.base.json",
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      emitDeclarationOnly: false,
      noEmit: true,
      skipLibCheck: true,
      lib: runs === "page" ? ["ES2024", "DOM", "DOM.Iterable"] : ["ES2024"],
      types: runs === "page" ? [] : ["@cloudflare/workers-types"],
    },
    include: ["program.ts"],
    // By their declarations, as users have them.
    references: PACKAGES.map((path) => ({ path: join(ROOT, path) })),
  };
}
