import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { test } from "vitest";

import { dial } from "./dial.ts";

test("[S1] smoke", async () => {
  const stub = env.ChatRoom.getByName("smoke");
  const a = await dial(stub);
  console.log(await a.next());
  a.send(JSON.stringify(["m", 1, "say", { text: "hi" }]));
  a.send(JSON.stringify(["m", 2, "say", { text: "ho" }]));
  a.send(JSON.stringify(["m", 2, "say", { text: "ho" }]));
  a.send(JSON.stringify(["m", 3, "say", { text: 5 }]));
  a.send(JSON.stringify(["m", 4, "fail", "secret"]));
  a.send(JSON.stringify(["c", 5, "count"]));
  console.log(await a.next());
  await evictDurableObject(stub);
  a.send(JSON.stringify(["m", 6, "later", { text: "slow", ms: 20 }]));
  a.send(JSON.stringify(["m", 4, "fail", "refuse"]));
  a.send(JSON.stringify(["c", 7, "page", { before: 100, limit: 3 }]));
  console.log(await a.next());
  const b = await dial(stub);
  console.log("b", await b.next());
  await runInDurableObject(stub, (_r, state) =>
    console.log(state.storage.sql.exec("SELECT * FROM greenroom_log").toArray()),
  );
});
