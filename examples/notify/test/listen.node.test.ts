// The script beside the Worker, each in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";
import { expect, onTestFinished, test } from "vitest";

const HERE = import.meta.dirname;

test("the script prints what is published, also over a kill -9 of the server, once", async () => {
  const server = await WorkerProcess.start({ config: join(HERE, "wrangler.jsonc") });
  onTestFinished(() => server.stop());
  const post = async (text: string): Promise<[number, string]> => {
    const answer = await fetch(`${server.url}/notify/kitchen`, { method: "POST", body: text });
    return [answer.status, await answer.text()];
  };
  expect(await post("before anybody listens")).toEqual([200, "Published.\n"]);
  expect(await post("  ")).toEqual([400, '{"code":"invalid"}']);

  const script = spawn(process.execPath, [join(HERE, "../listen.ts"), "kitchen", server.host]);
  onTestFinished(async () => {
    const ended = once(script, "exit");
    script.kill();
    await ended;
  });
  let printed = "";
  script.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const texts = (): string[] =>
    printed
      .trim()
      .split("\n")
      .map((line) => line.split("  ").slice(1).join(" "));

  const soon = { timeout: 20_000 };
  await expect.poll(texts, soon).toEqual(["#1 before anybody listens"]);
  await post("the kettle is on");
  await server.kill();
  await post("and is off again");
  await expect
    .poll(texts, soon)
    .toEqual(["#1 before anybody listens", "#2 the kettle is on", "#3 and is off again"]);
});
