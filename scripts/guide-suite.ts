// The tests of the testing page, as a reader would copy them, in a project outside the workspace:
// that they compile, docs:check says; that they pass, this does.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { blocksOf } from "./doc-blocks.ts";
import { ROOT } from "./workspace.ts";

/** The page says nothing of the Worker, nor of its room without a contract: routes to the two, and an echo, are enough. */
const WORKER = `import { Room, routeRooms } from "@greenroom/server";
import { ChatRoom } from "./server.ts";
export { ChatRoom };
export class EchoRoom extends Room {
  onMessage(connection, message) {
    connection.send(message);
  }
}
export default {
  fetch: (request, env) =>
    routeRooms(request, env, { rooms: { chat: env.ChatRoom, echo: env.EchoRoom } }),
};
`;

/** Writes the page's files into a folder of the project; gives the folder. */
export function writeGuideSuite(project: string): string {
  const folder = join(project, "guide");
  mkdirSync(folder);
  const names = new Set<string>();
  for (const { name, line, code } of blocksOf(
    readFileSync(join(ROOT, "docs/guide/testing.md"), "utf8"),
  )) {
    // Two tests that have the same name are both a reader's: each has a file of its own.
    const file = name === undefined || names.has(name) ? `line-${line}.test.ts` : name;
    names.add(file);
    writeFileSync(join(folder, file), code);
  }
  writeFileSync(join(folder, "worker.ts"), WORKER);
  const configuration = readFileSync(join(project, "wrangler.jsonc"), "utf8");
  writeFileSync(
    join(folder, "wrangler.jsonc"),
    configuration
      .replace("server.ts", "worker.ts")
      .replace('"class_name": "ChatRoom" }', '$&, { "name": "EchoRoom", "class_name": "EchoRoom" }')
      .replace('["ChatRoom"]', '["ChatRoom", "EchoRoom"]'),
  );
  writeFileSync(
    join(folder, "vitest.config.ts"),
    readFileSync(join(project, "vitest.config.ts"), "utf8"),
  );
  return folder;
}
