// Presence of members who are somebody: persons, profiles from claims, and every way to be sent away.
import { type TestRoom, time } from "@greenroom/testing/workers";
import { expect, test, vi } from "vitest";

import { attend, type Attendee } from "./crowd.ts";
import type { NamedRoom } from "./rooms/crowd.ts";
import { sessionToken } from "./speak.ts";
import { roomThrough, tokenOf } from "./through.ts";

const MINUTE = 60_000;
const named = (): Promise<TestRoom<NamedRoom>> => roomThrough("named");

/** Comes through the Worker's door, as somebody. */
function come(
  room: TestRoom<NamedRoom>,
  name: string,
  session = sessionToken(),
  sub = `u-${name}`,
): Promise<Attendee> {
  const token = tokenOf({ sub, name, secret: `secret of ${name}` });
  return attend(room, { session, token });
}

/** The entries of the state that a member was told, by member. */
async function entriesOf(
  who: Attendee,
): Promise<Record<string, { person: string; profile: unknown }>> {
  const [, , , ...entries] = await who.next();
  return Object.fromEntries(
    (entries as [string, string, number, unknown][]).map(([id, person, , profile]) => [
      id,
      { person, profile },
    ]),
  );
}

test("[E11] [E12] tabs of one user are one person, claims stay in the room, and a wake changes nothing", async () => {
  const room = await named();
  const [one, other] = [await come(room, "ann"), await come(room, "ann")];
  const ben = await come(room, "ben");
  await room.evict();
  const last = await come(room, "cay");
  const before = await entriesOf(ben);
  const after = await entriesOf(last);
  expect(before[one.id]).toEqual({ person: before[other.id]?.person, profile: { name: "ann" } });
  expect(before[ben.id]?.person).not.toBe(before[one.id]?.person);
  expect(after).toMatchObject(before);
  for (const { person } of Object.values(after)) expect(person).toMatch(/^[\w-]{22}$/);
  const elsewhere = await come(await named(), "ann");
  expect((await entriesOf(elsewhere))[elsewhere.id]?.person).not.toBe(before[one.id]?.person);
  for (const member of [one, other, ben, last]) {
    expect(JSON.stringify(member.told)).not.toMatch(/secret|u-ann/);
  }
});

test("[E6] [E12] a profile that is new when a member comes back is told", async () => {
  const room = await named();
  const session = sessionToken();
  const ann = await come(room, "ann");
  const ben = await come(room, "ben", session);
  await ann.until({ [ann.id]: null, [ben.id]: null });
  ben.show(3);
  await ann.until({ [ann.id]: null, [ben.id]: 3 });
  const { length } = ann.told;
  const back = await come(room, "benjamin", session, "u-ben");
  const person = (await entriesOf(back))[ben.id]?.person;
  await vi.waitFor(() => expect(ann.told.length).toBeGreaterThan(length));
  expect(ann.told.slice(length)).toEqual([
    ["p", "diff", { joined: [[ben.id, person, time.now, { name: "benjamin" }, { at: 3 }]] }],
  ]);
});

test("[E5] who is kicked, banned or locked out leaves at once, and is shown in onLeave", async () => {
  const room = await named();
  const ann = await come(room, "ann");
  const [ben, cay] = [await come(room, "ben"), await come(room, "cay")];
  ben.show(7);
  await ann.until({ [ann.id]: null, [ben.id]: 7, [cay.id]: null });
  ann.message(1, "kick", ben.id);
  await ann.until({ [ann.id]: null, [cay.id]: null });
  expect(await ann.item("s")).toEqual(["s", "left", { shown: 7, name: "ben" }]);
  await room.run((instance) => instance.ban("u-cay"));
  await ann.until({ [ann.id]: null });
  expect(ann.told.at(-1)).toEqual(["p", "diff", { left: [cay.id] }]);
});

test("[E5] who is sent away and does not answer the close leaves with the grace", async () => {
  const room = await named();
  const ann = await come(room, "ann");
  const ben = await come(room, "ben");
  await ann.until({ [ann.id]: null, [ben.id]: null });
  // A close that its peer never hears of: as with a connection that is half open.
  await room.run((_room, state) => {
    const [socket] = state.getWebSockets(`id:${ben.id}`);
    Object.defineProperty(socket, "readyState", { value: 2 });
  });
  const cay = await come(room, "cay");
  await ann.until({ [ann.id]: null, [ben.id]: null, [cay.id]: null });
  await time.advance(12_000);
  await ann.until({ [ann.id]: null, [cay.id]: null });
  expect(ann.told.at(-1)).toEqual(["p", "diff", { left: [ben.id] }]);
});

test("[E7] [T3] a purge forgets who was there, and who waited", async () => {
  const room = await named();
  const session = sessionToken();
  const [ann, ben] = [await come(room, "ann"), await come(room, "ben", session)];
  await ann.until({ [ann.id]: null, [ben.id]: null });
  ben.dialled.close(4203);
  await vi.waitFor(async () => expect(await room.alarm()).toBe(time.now + 10_000));
  await room.run(({ lifecycle }) => lifecycle.expire());
  await room.ring();
  expect(await ann.dialled.closed()).toMatchObject({ code: 4001 });
  await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
  const again = await come(room, "cay");
  await again.next();
  expect(again.sees()).toEqual({ [again.id]: null });
});

test("[E7] a room with a grace still expires, and leaves nothing", async () => {
  const room = await named();
  const [ann, ben] = [await come(room, "ann"), await come(room, "ben")];
  await ann.until({ [ann.id]: null, [ben.id]: null });
  for (const member of [ann, ben]) {
    member.dialled.close(4203);
    await member.dialled.closed();
  }
  await time.advance(31 * MINUTE);
  expect(await room.alarm()).toBeNull();
  await room.run((_room, { storage }) => expect(storage.sql.databaseSize).toBe(4_096));
});
