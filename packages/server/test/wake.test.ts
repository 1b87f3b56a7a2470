// What a room asks its storage when it wakes for a message.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { takeStatements } from "./rooms/metered.ts";
import { speak } from "./speak.ts";

const SLEEPS = 5;

test("[T14] a contract room reads its newest segment and its tables together, and writes once", async () => {
  const room = await testRoom(env.MeteredLazyChat);
  const a = await speak(room);
  a.message(1, "say", { text: "first" });
  await a.outcome(1);
  for (let n = 2; n < 2 + SLEEPS; n++) {
    await room.evict();
    a.message(n, "say", { text: "again" });
    await a.outcome(n);
    expect(await room.run((instance) => takeStatements(instance))).toEqual([
      expect.stringMatching(/^SELECT .* FROM sqlite_master .* FROM greenroom_log ORDER BY k DESC/),
      expect.stringMatching(/^UPDATE greenroom_log /),
    ]);
  }
});

test("[T14] a room without a contract reads its ledger and its tables together, and writes once", async () => {
  const room = await testRoom(env.MeteredRaw);
  const a = await room.open();
  a.send("first");
  await a.next();
  for (let n = 0; n < SLEEPS; n++) {
    await room.evict();
    a.send("again");
    await a.next();
    expect(await room.run((instance) => takeStatements(instance))).toEqual([
      expect.stringMatching(/^SELECT .* FROM sqlite_master .* FROM greenroom_ledger$/),
      expect.stringMatching(/^UPDATE greenroom_ledger /),
    ]);
  }
});
