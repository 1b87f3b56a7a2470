// What is to be seen on the pictures of screenshots.ts.
import { connect } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";
import type { Page } from "playwright-core";

import { chat } from "../chat/contract.ts";
import { canvas, type Point } from "../cursors/contract.ts";

export type Set = {
  page: Page;
  /** Where the page comes from, behind a network that can be cut. */
  origin: string;
  host: string;
  room: string;
  cut(): void;
  /** Called when the pictures are taken. */
  onEnd(end: () => unknown): void;
  /** Opens a window of somebody else. */
  other(name: string): Promise<Page>;
};

export type Scene = {
  name: string;
  room?: string;
  /** The folder of the built pages, where it is not that of the examples. */
  pages?: string;
  /** Nobody has said who they are. */
  nameless?: boolean;
  play(set: Set): Promise<void>;
  /** What it takes to show light after dark. */
  settle?(page: Page): Promise<unknown>;
};

const LINES = [
  ["Night Moth", "Is the kettle on?"],
  ["Fern", "Just now. Ten minutes to the half-hour call."],
  [
    "Sable Quill",
    "The stage door key is on the hook, and the hook is behind the second curtain, where it always was.",
  ],
  ["Wren", "Page 42 has changed again,\nand so has everything after it."],
  ["Fern", "Thank you. I have the new one."],
  ["Night Moth", "Who has the ghost light?"],
  [
    "Wren",
    "https://example.com/a/very/long/address/that/has/no/place/to/break/anywhere/in/it/at/all?really=not",
  ],
] as const;

async function chatWithPeople({ page, origin, host, room }: Set): Promise<void> {
  const others = new Map(
    ["Night Moth", "Sable Quill", "Wren"].map((name) => [name, connect(chat, { host, room })]),
  );
  for (const [name, text] of LINES) await others.get(name)?.send("say", { name, text });
  await page.goto(`${origin}/chat/?room=${room}`);
  await status(page, "connected");
  for (const [name, text] of LINES) {
    if (name !== "Fern") continue;
    await write(page, text);
    await page.locator("#messages").getByText(text).waitFor();
  }
  await others.get("Night Moth")?.send("say", { name: "Night Moth", text: "Nobody. It is on." });
  await page.getByText("Nobody. It is on.").waitFor();
  for (const client of others.values()) client.close();
}

async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function status(page: Page, text: string): Promise<void> {
  await page.getByRole("status").getByText(text, { exact: true }).waitFor();
}

async function canvasWithPeople({ page, origin, host, room, onEnd }: Set): Promise<void> {
  const names = ["Night Moth", "Sable Quill", "Wren", "Thistle Juniper of the Upper Balcony Row"];
  for (const [index, name] of names.entries()) {
    const client = connect(canvas, { host, room, use: [presence] });
    onEnd(() => client.close());
    const at: Point = [150 + 270 * index, 200 + 130 * index];
    client.presence.set({ name, at, isDown: false });
    const points = Array.from({ length: 40 }, (_, step): Point => [
      Math.min(1200, at[0] - 100 + 5 * step),
      Math.round(at[1] + 60 * Math.sin(step / 5 + index)),
    ]);
    await client.send("draw", { points });
  }
  await page.goto(`${origin}/cursors/?room=${room}`);
  await status(page, "connected");
  await page
    .locator(".cursor")
    .nth(names.length - 1)
    .waitFor();
  await page.locator("#people li").nth(names.length).waitFor();
}

async function paddle(page: Page, origin: string, room: string, name: string, sells: boolean) {
  await page.goto(`${origin}/auction/?room=${room}`);
  await page.getByLabel("Your name").fill(name);
  if (sells) await page.getByLabel("I am the auctioneer").check();
  await page.getByRole("button", { name: "Go in" }).click();
  await status(page, "connected");
}

async function saleWithPeople({ page, origin, room, other }: Set): Promise<void> {
  await paddle(page, origin, room, "Fern", true);
  const moth = await other("Moth");
  await paddle(moth, origin, room, "Night Moth", false);
  await page.getByRole("button", { name: "Begin the sale" }).click();
  for (const [bidder, amount] of [
    [moth, 10],
    [page, 60],
    [moth, 160],
    [page, 170],
    [moth, 180],
  ] as const) {
    await bidder.getByRole("button", { name: `Bid ${amount}`, exact: true }).click();
    await bidder.getByText("you lead").waitFor();
  }
  await page.getByText("180", { exact: true }).first().waitFor();
}

async function awayAfter(play: (set: Set) => Promise<void>, set: Set): Promise<void> {
  await play(set);
  set.cut();
  await status(set.page, "reconnecting…");
}

const SITE = "docs/.vitepress/dist";

export const SCENES: readonly Scene[] = [
  { name: "index", play: async ({ page, origin }) => void (await page.goto(`${origin}/`)) },
  {
    name: "chat-door",
    nameless: true,
    play: async ({ page, origin, room }) => {
      await page.goto(`${origin}/chat/?room=${room}`);
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "chat-empty",
    play: async ({ page, origin, room }) => {
      await page.goto(`${origin}/chat/?room=${room}`);
      await status(page, "connected");
    },
  },
  { name: "chat", room: "half-hour", play: chatWithPeople },
  {
    name: "chat-away",
    play: async (set) => {
      await awayAfter(chatWithPeople, set);
      await write(set.page, "Can anybody hear me?");
      await set.page.getByText("sending…").waitFor();
    },
  },
  {
    name: "chat-rooms",
    play: async (set) => {
      await chatWithPeople(set);
      const menu = set.page.getByRole("button", { name: "Rooms and your name" });
      if (await menu.isVisible()) await menu.click();
    },
  },
  {
    name: "cursors-empty",
    play: async ({ page, origin, room }) => {
      await page.goto(`${origin}/cursors/?room=${room}`);
      await status(page, "connected");
    },
  },
  { name: "cursors", room: "backdrop", play: canvasWithPeople },
  { name: "cursors-away", play: (set) => awayAfter(canvasWithPeople, set) },
  {
    name: "auction-door",
    play: async ({ page, origin, room }) => {
      await page.goto(`${origin}/auction/?room=${room}`);
      await page.getByLabel("Your name").waitFor();
    },
  },
  {
    name: "auction-closed",
    play: ({ page, origin, room }) => paddle(page, origin, room, "Fern", true),
  },
  { name: "auction", room: "props", play: saleWithPeople },
  { name: "auction-away", play: (set) => awayAfter(saleWithPeople, set) },
  {
    name: "site",
    pages: SITE,
    settle: (page) => page.reload(),
    play: async ({ page, origin }) => void (await page.goto(`${origin}/index.html`)),
  },
  {
    name: "site-guide",
    pages: SITE,
    settle: (page) => page.reload(),
    play: async ({ page, origin }) => void (await page.goto(`${origin}/docs/guide/presence.html`)),
  },
];
