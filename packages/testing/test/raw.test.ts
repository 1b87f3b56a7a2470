// Rooms without a contract, and objects that are no rooms: sockets, requests and alarms.
import { testRoom, time } from "@greenroom/testing/workers";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test("sockets and requests go through the Worker, to the kind that the room has there", async () => {
  const room = await testRoom(env.EchoRoom, { through: exports.default, kind: "echo" });
  const socket = await room.open({ path: "?query" });
  socket.send("hello");
  expect(await socket.next()).toBe("hello");
  expect(await (await room.fetch("?query")).text()).toBe("?query");
  const lost = await room.open({ kind: "nowhere", protocols: ["greenroom.1"] });
  expect(await lost.closed()).toEqual({ code: 4004, reason: "not-found" });
});

test("a socket says whether it is open, and gives what came before its end", async () => {
  const room = await testRoom(env.EchoRoom);
  const socket = await room.open();
  expect(socket.isOpen).toBe(true);
  socket.send("last");
  await room.settle();
  await room.evict({ sockets: "close" });
  await socket.closed();
  expect(socket.isOpen).toBe(false);
  expect(await socket.next()).toBe("last");
  await expect(socket.next()).rejects.toThrow("The socket was closed (1006");
});

test("a socket that is not taken says what was answered", async () => {
  const room = await testRoom(env.HandWritten);
  await expect(room.open({ path: "?full" })).rejects.toThrow(
    `The room answered 503 {"full":"/rooms/room/${room.name}"}.`,
  );
  expect((await room.fetch()).status).toBe(418);
});

test("an object that is no room is given no pings, and what it sends has arrived when time has moved", async () => {
  const object = await testRoom(env.HandWritten);
  const socket = await object.open();
  socket.send("alarm");
  expect(await socket.next()).toBe("1");
  await object.evict();
  expect(await time.advance(MINUTE)).toEqual([{ room: object.name, at: time.now }]);
  expect(socket.waiting).toEqual(["rang"]);
  await time.advance(MINUTE);
  socket.send("count");
  expect([await socket.next(), await socket.next()]).toEqual(["rang", "2"]);
});

test("ring tells what the room threw, and what it has set; a failing alarm is tried again six times", async () => {
  const object = await testRoom(env.HandWritten);
  const start = time.now;
  const socket = await object.open();
  expect(await object.ring()).toEqual({ next: null });
  for (const text of ["x", "x"]) socket.send(text);
  await object.settle();
  expect(await object.ring()).toEqual({
    fault: expect.objectContaining({ message: "failed at 2" }) as Error,
    next: start + 5 * SECOND,
  });
  socket.send("x");
  await object.settle();
  const rang = await time.advance(10 * MINUTE);
  expect(rang.map(({ at }) => (at - start) / SECOND)).toEqual([5, 9, 17, 33, 65, 129]);
  for (const { fault } of rang) expect(String(fault)).toBe("Error: failed at 3");
  expect(await object.alarm()).toBe(null);
});
