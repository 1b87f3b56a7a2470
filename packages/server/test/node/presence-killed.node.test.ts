// Real clients in a room whose workerd is killed with kill -9: nobody flickers, and who does not
// come back leaves once.
import { join } from "node:path";

import { connect } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";
import { WorkerProcess } from "@greenroom/testing";
import { expect, test } from "vitest";

import { DEPLOY_GRACE, meeting } from "./present-contract.ts";

const NAMES = ["ann", "ben", "cay", "dan", "eve"];

test("[E6] [E8] [E13] through two kills nobody is told anything, but for one who does not come back", async () => {
  const worker = await WorkerProcess.start({
    config: join(import.meta.dirname, "present.wrangler.jsonc"),
  });
  const host = worker.url;
  const people = NAMES.map((name) => {
    const room = connect(meeting, { host, room: "standup", use: [presence] });
    room.presence.set({ name });
    const told: string[] = [];
    room.presence.watch(({ joined, changed, left }) => {
      for (const [what, list] of Object.entries({ joined, changed, left })) {
        for (const each of list) told.push(`${what} ${each.presence?.name ?? "nobody"}`);
      }
    });
    const sees = (): string[] => room.presence.people.map((each) => each.presence?.name ?? "");
    return { name, room, told, sees };
  });
  const everybodySees = async (names: string[]): Promise<void> => {
    for (const { room, sees } of people) {
      if (room.status.state === "closed") continue;
      await expect.poll(() => sees().toSorted(), { timeout: 20_000 }).toEqual(names);
    }
  };
  const isBack = async (): Promise<void> => {
    for (const { room } of people) {
      if (room.status.state === "closed") continue;
      // How long each waits between its dials is another test's affair.
      if (room.status.state !== "connected") room.reconnect();
      await expect.poll(() => room.status.state, { timeout: 20_000 }).toBe("connected");
    }
  };
  try {
    await everybodySees(NAMES);
    for (const { told } of people) told.length = 0;

    await worker.kill();
    await isBack();
    await new Promise((resolve) => setTimeout(resolve, DEPLOY_GRACE + 500)); // until all graces are over
    await everybodySees(NAMES);
    expect(people.map(({ told }) => told.join())).toEqual(NAMES.map(() => ""));

    // One goes for good while the room is dead, so that it can say goodbye to nobody.
    const [last] = people.slice(-1);
    const killed = worker.kill();
    await expect.poll(() => last?.room.status.state, { interval: 5 }).toBe("reconnecting");
    last?.room.close();
    await killed;
    await isBack();
    await everybodySees(NAMES.slice(0, -1));
    for (const { told } of people.slice(0, -1)) expect(told.join()).toBe("left eve");
  } finally {
    for (const { room } of people) room.close();
    await worker.stop();
  }
}, 180_000);
