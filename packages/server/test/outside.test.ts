// Rule R11: publishing where no hook runs, as a method does that is called over RPC.
import { testRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { limited } from "./rooms/limited.ts";

test("[R11] what is published outside of hooks is written at once, and what cannot be is thrown", async () => {
  const room = await testRoom(env.RatedRoom);
  const anna = await room.connect(limited);
  await room.run((instance) => instance.publish("said", "from a method"));
  expect(await anna.next("said")).toBe("from a method");
  const log = vi.spyOn(console, "error").mockReturnValue(undefined);
  const fault = await room.run((instance, { storage }) => {
    const { transactionSync } = storage;
    storage.transactionSync = () => {
      throw new Error("secret: the disk is full");
    };
    try {
      instance.publish("said", "never written");
    } catch (thrown) {
      return { ...(thrown as object), text: String(thrown) };
    } finally {
      storage.transactionSync = transactionSync;
    }
    return undefined;
  });
  expect(fault).toMatchObject({ code: "failed", id: expect.any(String) as string });
  expect(fault?.text).not.toContain("secret");
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
  await room.run((instance) => instance.publish("said", "the next"));
  expect(await anna.next("said", (text) => text !== "from a method")).toBe("the next");
});
