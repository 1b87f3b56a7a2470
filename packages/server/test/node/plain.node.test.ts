// Rule O6 where there is no `node:diagnostics_channel`.
import { expect, test } from "vitest";
import { createTestHarness } from "wrangler";

const config = {
  name: "plain",
  main: "plain-worker.ts",
  compatibility_date: "2026-08-03", // the last day before Node's modules were there by default
  compatibility_flags: ["nodejs_als"],
  durable_objects: { bindings: [{ name: "Plain", class_name: "Plain" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Plain"] }],
};

test("[O6] logs() writes its lines in a Worker without Node's modules", async () => {
  const server = createTestHarness({ root: import.meta.dirname, workers: [{ config }] });
  try {
    const { url } = await server.listen();
    const socket = new WebSocket(new URL("/rooms/plain/a", url).href.replace("http", "ws"));
    const told = new Promise((resolve) => socket.addEventListener("message", resolve));
    socket.addEventListener("open", () => socket.send("x"));
    await told;
    // SAFETY: what the Worker beside this file answers.
    const answer = (await (await server.fetch("/rooms/plain/a")).json()) as {
      node: string;
      lines: string[];
    };
    expect(answer.node).toBe("not there");
    expect(answer.lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      "connect",
      "error",
    ]);
    expect(answer.lines.join()).not.toContain("secret");
    socket.close();
  } finally {
    await server.close();
  }
});
