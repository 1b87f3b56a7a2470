// The bindings that the guide shows, at work; and the guide shows them as they are here.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { createEffect, createRoot } from "solid-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { effectScope, watchEffect } from "vue";

import { blocksOf } from "../../../../scripts/doc-blocks.ts";
import { connect, contract, type RoomClient } from "../../src/index.ts";
import { statusStore } from "../../src/stores.ts";
import { type FakeServer, welcoming } from "../fake-server.ts";
import * as solid from "./solid.ts";
import * as svelte from "./svelte.ts";
import * as vue from "./vue.ts";

// In Node solid-js comes as its build for servers, where nothing changes.
vi.mock("solid-js", async () => {
  const forPages = "solid-js/dist/solid.js";
  return (await import(forPages)) as object;
});

const chat = contract({ name: "chat" });
let room: RoomClient<typeof chat.shape>;
let server: FakeServer;

beforeEach(() => {
  vi.useFakeTimers();
  server = welcoming();
  room = connect(chat, { host: "localhost:1", room: "lobby", WebSocket: server.WebSocket });
});

afterEach(() => {
  room.close();
  vi.useRealTimers();
});

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);

/** What a binding shows while the room joins, and after it is stopped and the room closes. */
async function shown(begin: (see: (state: string) => void) => () => void): Promise<string[]> {
  const seen: string[] = [];
  const stop = begin((state) => seen.push(state));
  await turn();
  stop();
  room.close();
  await turn();
  return seen;
}

describe("a store", () => {
  test("[V1] is a ref in Vue", async () => {
    const seen = await shown((see) => {
      const scope = effectScope();
      scope.run(() => {
        const status = vue.useStore(statusStore(room));
        watchEffect(() => see(status.value.state), { flush: "sync" });
      });
      return () => scope.stop();
    });
    expect(seen).toEqual(["connecting", "connected"]);
  });

  test("[V1] is a store in Svelte", async () => {
    const seen = await shown((see) =>
      svelte.fromStore(statusStore(room)).subscribe(({ state }) => see(state)),
    );
    expect(seen.filter((state, index) => state !== seen[index - 1])).toEqual([
      "connecting",
      "connected",
    ]);
  });

  test("[V1] is a signal in Solid", async () => {
    const seen = await shown((see) =>
      createRoot((dispose) => {
        const status = solid.fromStore(statusStore(room));
        createEffect(() => see(status().state));
        return dispose;
      }),
    );
    expect(seen).toEqual(["connecting", "connected"]);
  });

  test("[V1] is bound in the guide as it is here", () => {
    const guide = readFileSync(
      join(import.meta.dirname, "../../../../docs/guide/frameworks.md"),
      "utf8",
    );
    const blocks = new Map(blocksOf(guide).map(({ name, code }) => [name, code.trimStart()]));
    for (const name of ["vue.ts", "svelte.ts", "solid.ts"]) {
      const code = readFileSync(join(import.meta.dirname, name), "utf8");
      expect(blocks.get(name)).toBe(`// ${name}\n${code}`);
    }
  });
});
