import { once } from "node:events";
import { join } from "node:path";

import { WorkerProcess } from "@greenroom/testing";
import { WebSocket } from "ws";
process.loadEnvFile(join(import.meta.dirname, "../../wrangler.env"));
const worker = await WorkerProcess.start({ config: join(import.meta.dirname, "wrangler.jsonc") });
const open = async () => {
  const s = new WebSocket(`ws://${worker.host}/rooms/default/x`, ["greenroom.1"], {
    perMessageDeflate: false,
  });
  await once(s, "message");
  return s;
};
for (const N of [1, 2, 10, 100, 300, 900]) {
  const [a, b] = await Promise.all([open(), open()]);
  let said = 0;
  b.on("message", (f: Buffer) => {
    said += f.toString().split('["said"').length - 1;
  });
  for (let n = 1; n <= N; n++) a.send(`["m",${n},"say",{"text":"x"}]`);
  a.close(1000);
  await new Promise((r) => setTimeout(r, 900));
  console.log(N, said);
  b.terminate();
}
await worker.stop();
