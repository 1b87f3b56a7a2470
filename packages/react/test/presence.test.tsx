import { contract, type RoomClient } from "@greenroom/client";
import { presence, type Presence } from "@greenroom/client/presence";
import { memo, StrictMode } from "react";
import { renderToString } from "react-dom/server";
import * as v from "valibot";
import { describe, expect, test } from "vitest";

import { useMembers, useMyPresence, useOthers, useRoom } from "../src/index.ts";
import {
  act,
  at,
  FakeServer,
  pass,
  type Peer,
  render,
  renderHook,
  screen,
  setTheStage,
  tell,
} from "./stage.tsx";

setTheStage();

const stage = contract({
  name: "stage",
  presence: v.object({ x: v.number() }),
  profile: v.object({ name: v.string() }),
});
type Stage = RoomClient<typeof stage.shape> & { presence: Presence<typeof stage.shape> };

const entry = (id: string, x: number, person = id) => [id, person, 1, { name: id }, { x }] as const;

/** A room in which so many others are, and `me`. */
const crowded = (others: number): FakeServer =>
  new FakeServer((peer) => {
    peer.open();
    const all = Array.from({ length: others }, (_, index) => entry(`m${index}`, 0));
    peer.welcome({ id: "me" }, ["p", "state", 0, ["me", "me", 1, { name: "me" }], ...all]);
  });

/** Members move, each to a place of its own, in one frame. */
function move(peer: Peer, x: number, ids: readonly string[]): Promise<void> {
  return tell(peer, ["p", "diff", { changed: ids.map((id) => [id, { x }]) }]);
}

const ids = Array.from({ length: 100 }, (_, index) => `m${index}`);

function useStage(server: FakeServer): Stage {
  return useRoom(stage, { ...at(server), use: [presence] });
}

describe("useOthers", () => {
  test("[V9] 100 members move, and a component that reads one of them renders only for that one", async () => {
    const server = crowded(100);
    const renders = new Map<string, number>();
    const count = (id: string): void => void renders.set(id, (renders.get(id) ?? 0) + 1);
    const Cursor = memo(function Cursor({ room, id }: { room: Stage; id: string }) {
      const x = useOthers(room, (others) => others.find((other) => other.id === id)?.presence?.x);
      count(id);
      return <i>{`${id}:${x}`}</i>;
    });
    function Page() {
      const room = useStage(server);
      count("page");
      return ids.map((id) => <Cursor key={id} room={room} id={id} />);
    }
    render(<Page />);
    await pass();
    screen.getByText("m7:0");
    renders.clear();

    const allButOne = ids.filter((id) => id !== "m7");
    for (let x = 1; x <= 20; x++) await move(server.last, x, allButOne);
    expect(renders.get("m7")).toBe(undefined);
    expect(renders.get("m8")).toBe(20);
    expect(renders.get("page")).toBe(undefined);
    screen.getByText("m7:0");
    screen.getByText("m8:20");

    renders.clear();
    await move(server.last, 5, ["m7"]);
    screen.getByText("m7:5");
    expect([...renders]).toEqual([["m7", 1]]);

    // What comes or shows the same again changes nothing of what is read.
    renders.clear();
    await tell(server.last, [
      "p",
      "diff",
      { joined: [entry("new", 3)], changed: [["m7", { x: 5 }]] },
    ]);
    expect([...renders]).toEqual([]);
  });

  test("[V9] a selection is compared part by part", async () => {
    const server = crowded(10);
    let renders = 0;
    const { result, rerender } = renderHook(() => {
      renders += 1;
      return useOthers(useStage(server), (others) => ({
        count: others.length,
        names: others.map(({ profile }) => profile.name).join(),
      }));
    });
    await pass();
    expect(result.current.count).toBe(10);
    const before = [renders, result.current] as const;
    await move(server.last, 1, ["m1", "m2"]);
    expect([renders, result.current]).toEqual(before);
    // The same object, too, when something else renders it with a selector that is new.
    rerender();
    expect([renders, result.current]).toEqual([before[0] + 1, before[1]]);
    expect(result.current).toBe(before[1]);
    await tell(server.last, ["p", "diff", { left: ["m1"] }]);
    expect([renders, result.current.count]).toEqual([before[0] + 2, 9]);
  });

  test("[V8] the selector is the newest render's", async () => {
    const server = crowded(2);
    const hook = renderHook(
      ({ id }) =>
        useOthers(useStage(server), (others) => others.find((one) => one.id === id)?.presence),
      { initialProps: { id: "m0" }, wrapper: StrictMode },
    );
    await pass();
    await move(server.last, 3, ["m1"]);
    expect(hook.result.current).toEqual({ x: 0 });
    hook.rerender({ id: "m1" });
    expect(hook.result.current).toEqual({ x: 3 });
    await move(server.last, 4, ["m1"]);
    expect(hook.result.current).toEqual({ x: 4 });
  });

  test("[V9] without a selector it is everybody else, by person, the same objects until they change", async () => {
    const server = crowded(2);
    const hook = renderHook(() => useOthers(useStage(server)));
    expect(hook.result.current).toEqual([]);
    await pass();
    const before = hook.result.current;
    expect(before.map(({ id, presence, isSelf }) => [id, presence, isSelf])).toEqual([
      ["m0", { x: 0 }, false],
      ["m1", { x: 0 }, false],
    ]);
    await move(server.last, 1, ["m1"]);
    expect(hook.result.current[0]).toBe(before[0]);
    expect(hook.result.current[1]?.presence).toEqual({ x: 1 });
  });
});

describe("useMembers", () => {
  test("[V9] is one for each connection, oneself among them", async () => {
    const server = crowded(1);
    const hook = renderHook(() => {
      const room = useStage(server);
      return [useMembers(room).map(({ id }) => id), useOthers(room, (others) => others.length)];
    });
    await pass();
    await tell(server.last, ["p", "diff", { joined: [entry("second", 1, "m0")] }]);
    expect(hook.result.current).toEqual([["me", "m0", "second"], 1]);
  });
});

describe("useMyPresence", () => {
  test("[V9] shows what was set at once, before there is a connection, too", async () => {
    const server = crowded(0);
    let renders = 0;
    const hook = renderHook(() => {
      renders += 1;
      return useMyPresence(useStage(server));
    });
    const [before, show] = hook.result.current;
    expect(before).toBe(undefined);
    await act(async () => show({ x: 1 }));
    expect(hook.result.current).toEqual([{ x: 1 }, show]);
    await pass(100);
    expect(server.last.frames).toEqual([["p", { x: 1 }]]);
    await act(async () => show({ x: 2 }));
    expect(hook.result.current).toEqual([{ x: 2 }, show]);
    expect(renders).toBe(3);
    await move(server.last, 2, ["me"]);
    expect(renders).toBe(3);
  });
});

test("[V10] on a server nobody is there, and nothing was shown", () => {
  function Page() {
    const room = useStage(crowded(3));
    const [mine] = useMyPresence(room);
    return <p>{[mine?.x, useOthers(room).length, useMembers(room).length].join(" ")}</p>;
  }
  expect(renderToString(<Page />)).toBe("<p> 0 0</p>");
});
