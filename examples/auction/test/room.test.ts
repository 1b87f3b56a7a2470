// The room in real workerd: its clock is the test's.
import { evictionSuite, testRoom, time } from "@greenroom/testing/workers";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";

import { auction, type Moment, type SaleState } from "../contract.ts";

const through = { through: exports.default };
const paddle = (name: string, role: "bidder" | "auctioneer" = "bidder"): { token: string } => ({
  token: JSON.stringify({ sub: name.toLowerCase(), name, role }),
});

test("a lot goes to the highest bid when nobody bids any more, and the next one follows", async () => {
  const room = await testRoom(env.AuctionRoom, through);
  const fern = await room.connect(auction, paddle("Fern", "auctioneer"));
  const moth = await room.connect(auction, paddle("Moth"));
  await fern.send("begin", null);
  expect(await moth.next("sale")).toMatchObject({ what: "opened", lot: 1 });
  const told = (moment: Moment): Promise<SaleState> =>
    moth.next("sale", ({ what }) => what === moment);
  expect(await moth.call("bid", { lot: 1, amount: 50 })).toEqual({ leads: true, least: 60 });
  expect(await fern.call("bid", { lot: 1, amount: 50 })).toEqual({ leads: false, least: 60 });

  await time.advance(25_000);
  // Five seconds before the end: a bid leaves ten.
  await fern.call("bid", { lot: 1, amount: 60 });
  await time.advance(9_000);
  expect(moth.received("sale").at(-1)).toMatchObject({ what: "bid" });
  await time.advance(1_000);
  expect(await told("closed")).toMatchObject({
    lots: [{ state: "sold", price: 60, bidder: { id: "fern", name: "Fern" } }, {}, {}, {}],
  });
  await expect(moth.call("bid", { lot: 1, amount: 100 })).rejects.toMatchObject({
    code: "refused",
    reason: "this lot is closed",
  });
  await time.advance(6_000);
  expect(await told("opened")).toMatchObject({ lot: 2 });
});

test("the sale ends though everybody has left and the room has crashed", async () => {
  const room = await testRoom(env.AuctionRoom, through);
  const fern = await room.connect(auction, paddle("Fern", "auctioneer"));
  await fern.send("begin", null);
  await fern.call("bid", { lot: 1, amount: 10 });
  fern.close();
  await room.crash();
  await time.advance(4 * 36_000);
  const moth = await room.connect(auction, paddle("Moth"));
  expect(await moth.next("sale", ({ what }) => what === "ended")).toMatchObject({
    lots: [{ state: "sold" }, { state: "unsold" }, { state: "unsold" }, { state: "unsold" }],
  });
});

test("only the auctioneer begins a sale, and nobody comes in without a paddle", async () => {
  const room = await testRoom(env.AuctionRoom, through);
  const moth = await room.connect(auction, paddle("Moth"));
  await expect(moth.send("begin", null)).rejects.toMatchObject({ code: "refused" });
  const stranger = room.dial(auction);
  expect(await stranger.closed()).toMatchObject({ reason: "unauthenticated" });
});

evictionSuite("the auction", {
  room: env.AuctionRoom,
  contract: auction,
  ...through,
  clients: ["Fern", "Moth"],
  connect: (name) => paddle(name, name === "Fern" ? "auctioneer" : "bidder"),
  steps: [
    ({ Fern }) => Fern.send("begin", null),
    ({ Moth }) => Moth.call("bid", { lot: 1, amount: 10 }),
    ({ Fern }) => Fern.call("bid", { lot: 1, amount: 15 }),
  ],
});
