// Follows docs/tutorial.md as a newcomer would, from its text alone: in an empty folder, with the
// packed packages, up to a chat in two windows of Chromium and a deploy that is not sent. What
// differs is where packages come from: those of the workspace, and the tools that it has installed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { type Browser, chromium, type Page } from "playwright-core";

import { CHROMIUM_MISSING, findChromium, launchOptions } from "./chromium.ts";
import { Failure } from "./failure.ts";
import { installOutside } from "./outside-install.ts";
import { packAll, type Tarball } from "./packing.ts";
import { stepsOf } from "./tutorial-steps.ts";
import { mustRun, ROOT } from "./workspace.ts";

const PAGE = "docs/tutorial.md";
/** What the tutorial installs that is no package of this repository. */
const COPIED = ["valibot", "@cloudflare/workers-types"];
const LINKED = ["wrangler", "vite", "typescript"];

/** Follows the tutorial with the packed packages; says what was done. */
export async function followTutorial(tarballs: Tarball[]): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), "greenroom-tutorial-"));
  const steps = stepsOf(readFileSync(join(ROOT, PAGE), "utf8"));
  const newcomer = new Newcomer(empty, tarballs);
  try {
    for (const step of steps) {
      if (step.kind === "file") newcomer.write(step.path, step.text);
      else await newcomer.run(step.line);
    }
    newcomer.expectDone();
  } finally {
    rmSync(empty, { recursive: true, force: true, maxRetries: 5 });
  }
  return `the tutorial's ${steps.length} steps end with a chat in two windows, and a deploy`;
}

class Newcomer {
  #folder: string;
  readonly #tarballs: Tarball[];
  readonly #wanted: string[] = [];
  #hasTalked = false;
  #hasDeployed = false;

  constructor(folder: string, tarballs: Tarball[]) {
    this.#folder = folder;
    this.#tarballs = tarballs;
  }

  write(path: string, text: string): void {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  async run(line: string): Promise<void> {
    const [command = "", ...args] = line.split(" ");
    if (/^mkdir (\w+) && cd \1$/.test(line)) {
      this.#folder = join(this.#folder, args[0]!);
      mkdirSync(this.#folder);
    } else if (line.startsWith("npm install ")) {
      await this.#install(args.slice(1).filter((arg) => !arg.startsWith("-")));
    } else if (line === "npx wrangler dev") {
      await this.#talk();
    } else if (line === "npx wrangler deploy") {
      await this.#must("npx", ["wrangler", "deploy", "--dry-run", "--outdir", "out"]);
      this.#hasDeployed = existsSync(join(this.#folder, "out/server.js"));
    } else if (command === "npm" || command === "npx") {
      await this.#must(command, args);
    } else {
      throw new Failure(`${PAGE} has a command that nobody follows: ${line}`);
    }
  }

  expectDone(): void {
    if (!this.#hasTalked) throw new Failure(`${PAGE} never runs \`npx wrangler dev\``);
    if (!this.#hasDeployed) throw new Failure(`${PAGE} ends without a deploy`);
  }

  /** Once, with all that was asked for so far: a second install asks for more. */
  async #install(names: string[]): Promise<void> {
    this.#wanted.push(...names);
    const known = [...this.#tarballs.map(({ name }) => name), ...COPIED, ...LINKED];
    const strange = this.#wanted.filter((name) => !known.includes(name));
    if (strange.length > 0) throw new Failure(`${PAGE} installs ${strange.join(", ")}`);
    const wanted = (name: string): boolean => this.#wanted.includes(name);
    await installOutside(
      this.#folder,
      this.#tarballs.filter(({ name }) => wanted(name)),
      { copied: COPIED.filter(wanted), linked: LINKED.filter(wanted) },
    );
  }

  async #must(command: string, args: string[]): Promise<void> {
    await mustRun(command, args, { cwd: this.#folder, env: newcomersEnv() });
  }

  async #talk(): Promise<void> {
    if (findChromium() === undefined) throw new Failure(CHROMIUM_MISSING);
    const [server, browser] = await Promise.all([
      startServer(this.#folder),
      chromium.launch(launchOptions()),
    ]);
    try {
      await talk(browser, server.url);
      this.#hasTalked = true;
    } finally {
      await browser.close();
      await server.stop();
    }
  }
}

/** Two windows hear each other, and a third hears what was said before. */
async function talk(browser: Browser, url: string): Promise<void> {
  const open = async (): Promise<Page> => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => {
      throw new Failure(`the tutorial's page: ${String(error)}`);
    });
    await page.goto(url);
    await page.getByRole("status").getByText("connected", { exact: true }).waitFor();
    return page;
  };
  const [one, two] = await Promise.all([open(), open()]);
  await one.getByLabel("Your message").fill("Is the kettle on?");
  await one.getByRole("button", { name: "Send" }).click();
  await two.getByText(/^Guest \d+: Is the kettle on\?$/).waitFor();
  await two.getByLabel("Your message").fill("Just now.");
  await two.keyboard.press("Enter");
  await one.getByText("Just now.").waitFor();
  const three = await open();
  await three.getByText("Is the kettle on?").waitFor();
  await three.getByText("Just now.").waitFor();
}

async function startServer(cwd: string): Promise<{ url: string; stop(): Promise<void> }> {
  const args = ["wrangler", "dev", "--port", "0", "--inspector-port", "0", "--ip", "127.0.0.1"];
  const child: ChildProcess = spawn("npx", args, {
    cwd,
    env: newcomersEnv(),
    // A process group of its own, so that all of it can be ended.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.pid === undefined) return;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  const url = await new Promise<string>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /Ready on (http:\/\/\S+)/.exec(output)?.[1];
      if (address) resolve(address);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", () => reject(new Failure(`\`npx wrangler dev\` ended:\n${output}`)));
  });
  return { url, stop };
}

/** Without what a newcomer's terminal does not have; wrangler stays offline. */
function newcomersEnv(): NodeJS.ProcessEnv {
  const PATH = (process.env.PATH ?? "")
    .split(delimiter)
    // This workspace's commands: only its Node is kept.
    .filter((folder) => !folder.startsWith(join(ROOT, "node_modules")))
    .toSpliced(0, 0, dirname(process.execPath))
    .join(delimiter);
  return { ...process.env, PATH, npm_config_offline: "true", CI: "true" };
}

if (import.meta.main) {
  process.loadEnvFile(join(ROOT, "wrangler.env"));
  console.log(await followTutorial(await packAll()));
}
