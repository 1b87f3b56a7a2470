// Two clients of the room talk to each other; prints what each heard.
import { connect } from "@greenroom/client";

import { chat } from "./contract.ts";

const host = process.argv[2]!;
const heard: string[] = [];
const [first, second] = [0, 1].map(() => connect(chat, { host, room: "lobby" }));
const both = new Promise<void>((resolve) => {
  for (const client of [first!, second!]) {
    client.on("said", ({ text }) => {
      heard.push(text);
      if (heard.length === 2) resolve();
    });
  }
});
await first!.send("say", { text: "hello" });
await both;
console.log(heard.join(" "));
first!.close();
second!.close();
