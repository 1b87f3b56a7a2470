// Two clients of the room talk to each other; prints what each heard.
import { connect } from "@greenroom/client";

import { chat } from "./contract.ts";

const [, , host = ""] = process.argv;
const clients = [1, 2].map(() => connect(chat, { host, room: "lobby" }));
const heard = clients.map(
  (client) => new Promise<string>((resolve) => client.on("said", ({ text }) => resolve(text))),
);
await clients[0]?.send("say", { text: "hello" });
console.log((await Promise.all(heard)).join(" "));
for (const client of clients) client.close();
