/** What the tests of the hooks stand on: a contract, a scripted server, and time that is held. */
import { contract } from "@greenroom/client";
import { act, cleanup } from "@testing-library/react";
import * as v from "valibot";
import { afterEach, beforeEach, vi } from "vitest";

import type { FakeServer, Peer } from "../../client/test/fake-server.ts";
import type { RoomOptions } from "../src/index.ts";

export { act, render, renderHook, screen } from "@testing-library/react";
export { FakeServer, type Peer, refusing, welcoming } from "../../client/test/fake-server.ts";

export const chat = contract({
  name: "chat",
  messages: { say: v.string(), shout: v.object({ text: v.string() }) },
  events: { said: v.string(), left: v.object({ who: v.string() }) },
  signals: { typing: v.string() },
  calls: {
    up: { input: v.string(), output: v.string() },
    now: { output: v.number() },
  },
  snapshot: v.number(),
});

/** Options of a room on a scripted server. */
export function at(server: FakeServer, options: Partial<RoomOptions> = {}): RoomOptions {
  return { host: "localhost:1", room: "lobby", WebSocket: server.WebSocket, ...options };
}

/** Lets time pass, with what React does in it. */
export async function pass(ms = 0): Promise<void> {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

/** The room tells something, and React takes it. */
export async function tell(peer: Peer, ...items: Parameters<Peer["send"]>): Promise<void> {
  await act(async () => peer.send(...items));
}

/** Holds the time, and leaves neither components nor their rooms to the next test. */
export function setTheStage(): void {
  beforeEach(() => {
    Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    vi.spyOn(console, "error").mockImplementation((...told) => {
      throw new Error(`React complains: ${told.join(" ")}`);
    });
  });
  afterEach(async () => {
    cleanup();
    await vi.advanceTimersByTimeAsync(61_000);
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
}
