import { type RoomClient, RoomError } from "@greenroom/client";
import { memo, StrictMode, useState } from "react";
import { describe, expect, test, vi } from "vitest";

import {
  useCall,
  useEvent,
  useLog,
  useOutbox,
  useRoom,
  useSend,
  useStatus,
  useWatch,
} from "../src/index.ts";
import {
  act,
  at,
  chat,
  FakeServer,
  pass,
  render,
  renderHook,
  screen,
  setTheStage,
  tell,
  welcoming,
} from "./stage.tsx";

setTheStage();

type Chat = RoomClient<typeof chat.shape>;

/** What a hook gives of a room that is connected. */
async function joined<T>(server: FakeServer, use: (room: Chat) => T, room = "lobby") {
  const hook = renderHook(
    ({ room: name }) => {
      const room = useRoom(chat, at(server, { room: name }));
      return { room, is: use(room) };
    },
    { initialProps: { room }, wrapper: StrictMode },
  );
  await pass();
  return {
    ...hook,
    get room() {
      return hook.result.current.room;
    },
    get is() {
      return hook.result.current.is;
    },
  };
}

/** The number of times that a hook has rendered. */
function counted<T>(use: (room: Chat) => T): { renders: number; use: (room: Chat) => T } {
  const counter = {
    renders: 0,
    use(room: Chat): T {
      counter.renders += 1;
      return use(room);
    },
  };
  return counter;
}

describe("useStatus", () => {
  test("[V2] goes from connecting to connected, lost and restored", async () => {
    const server = new FakeServer((peer, index) => {
      if (index === 1 || index === 2) return peer.refuse();
      peer.open();
      peer.welcome();
    });
    const seen: string[] = [];
    function Page() {
      const { state, outage } = useStatus(useRoom(chat, at(server, { lostAfter: 300 })));
      if (seen.at(-1) !== `${state} ${outage}`) seen.push(`${state} ${outage}`);
      return null;
    }
    render(<Page />);
    await pass(10_000);
    await act(async () => server.last.break());
    // React 18 renders what comes within one step but once.
    for (let steps = 0; steps < 20; steps++) await pass(100);
    expect(seen).toEqual([
      "connecting none",
      "connected none",
      "reconnecting none",
      "reconnecting lost",
      "connected restored",
    ]);
  });

  test("[V9] renders once for each status", async () => {
    const hook = counted(useStatus);
    const server = welcoming();
    function Page() {
      hook.use(useRoom(chat, at(server)));
      return null;
    }
    render(<Page />);
    await pass(1000);
    // Connecting, connected.
    expect(hook.renders).toBe(2);
  });

  test("[V2] of a room that stops, it tells why", async () => {
    const server = welcoming();
    const hook = await joined(server, useStatus);
    await act(async () => server.last.close(4001, "expired"));
    expect(hook.is).toEqual({ state: "closed", code: 4001, reason: "expired", outage: "none" });
    await act(async () => hook.room.reconnect());
    await pass();
    expect(hook.is.state).toBe("connected");
  });
});

describe("useWatch", () => {
  test("[V8] tells the newest render's watcher of a moment", async () => {
    const server = new FakeServer((peer, index) => {
      peer.open();
      peer.welcome({ resume: index ? "reset" : "joined", snapshot: 3 });
    });
    const told: string[] = [];
    function Page({ name }: { name: string }) {
      const room = useRoom(chat, at(server));
      useWatch(room, "resume", ({ kind, snapshot }) => told.push(`${name} ${kind} ${snapshot}`));
      return null;
    }
    const { rerender } = render(<Page name="a" />);
    await pass();
    rerender(<Page name="b" />);
    await act(async () => server.last.break());
    await pass(1000);
    expect(told).toEqual(["a joined 3", "b reset 3"]);
  });
});

describe("useLog", () => {
  const said = (seq: number) => ({ seq, event: "said", value: `${seq}`, at: 1 }) as const;
  const withHistory = () =>
    new FakeServer((peer) => {
      peer.open();
      peer.welcome({ epoch: "one", seq: 4, head: 6 }, ["e", 5, ["said", "5", 1], ["said", "6", 1]]);
    });

  test("[V3] is the log as a list, and one render for a frame", async () => {
    const server = withHistory();
    const hook = counted((room: Chat) => useLog(room).entries.map(({ seq }) => seq));
    const { result } = renderHook(() => hook.use(useRoom(chat, at(server))));
    await pass();
    expect(result.current).toEqual([5, 6]);
    const before = hook.renders;
    await tell(
      server.last,
      ["e", 7, ["said", "a", 1], ["left", { who: "b" }, 1]],
      ["e", 9, ["said", "c", 1]],
    );
    expect(result.current).toEqual([5, 6, 7, 8, 9]);
    expect(hook.renders).toBe(before + 1);
  });

  test("[B13] [V4] [V8] pages back, with the newest render's loader", async () => {
    const server = withHistory();
    const asked: string[] = [];
    let user = "ann";
    const hook = await joined(server, (room) => {
      const name = user;
      return useLog(room, {
        page: 2,
        loadBefore: async (seq, limit) => {
          asked.push(`${name} ${seq} ${limit}`);
          return [said(seq - 2), said(seq - 1)];
        },
      });
    });
    expect(hook.is.hasOlder).toBe(true);
    await act(() => hook.is.loadOlder());
    user = "bob";
    hook.rerender({ room: "lobby" });
    await act(() => hook.is.loadOlder());
    expect(hook.is.entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(hook.is.hasOlder).toBe(false);
    expect(asked).toEqual(["ann 5 2", "bob 3 2"]);
  });

  test("[V5] a list that comes late, and without options, shares what another has loaded", async () => {
    const server = withHistory();
    function List({ options }: { options?: Parameters<typeof useLog<typeof chat.shape>>[1] }) {
      const { entries } = useLog(useRoom(chat, at(server)), options);
      return <p>{entries.map(({ seq }) => seq).join(" ")}</p>;
    }
    const { rerender } = render(<Status server={server} />);
    await pass();
    const options = { loadBefore: async (seq: number) => [said(seq - 2), said(seq - 1)] };
    rerender(<List options={options} />);
    await pass();
    screen.getByText("5 6");
    rerender(
      <>
        <List options={options} />
        <List />
      </>,
    );
    await pass();
    expect(screen.getAllByText("5 6").length).toBe(2);
  });

  function Status({ server }: { server: FakeServer }) {
    return <p>{useStatus(useRoom(chat, at(server))).state}</p>;
  }

  test("[V3] of another room it is another list", async () => {
    const server = withHistory();
    const hook = await joined(server, (room) => useLog(room).entries.map(({ value }) => value));
    await tell(server.last, ["e", 7, ["said", "in a", 1]]);
    hook.rerender({ room: "b" });
    expect(hook.is).toEqual([]);
    await pass();
    expect(hook.is).toEqual(["5", "6"]);
  });
});

describe("useSend", () => {
  test("[V11] is pending until the room has taken it", async () => {
    const server = welcoming();
    const hook = await joined(server, (room) => useSend(room, "say"));
    const { send } = hook.is;
    let first = "";
    await act(async () => {
      void send("a").then(() => (first = "taken"));
      void send("b");
    });
    expect(hook.is).toEqual({ send, isPending: true, error: undefined });
    await tell(server.last, ["a", 1]);
    expect([hook.is.isPending, first]).toEqual([true, "taken"]);
    await tell(server.last, ["a", 2]);
    expect(hook.is).toEqual({ send, isPending: false, error: undefined });
  });

  test("[V11] its error stays until the next, and nobody has to catch it", async () => {
    const unhandled = vi.fn<() => void>();
    process.on("unhandledRejection", unhandled);
    const server = welcoming();
    const hook = await joined(server, (room) => useSend(room, "say"));
    let caught: unknown;
    await act(async () => {
      void hook.is.send("a");
      hook.is.send("b").catch((error: unknown) => (caught = error));
    });
    await tell(server.last, ["x", 2, { code: "refused", reason: "not now" }], ["a", 1]);
    expect(hook.is).toMatchObject({
      isPending: false,
      error: { code: "refused", reason: "not now" },
    });
    expect(caught).toBe(hook.is.error);
    await act(async () => void hook.is.send(7 as never));
    expect(hook.is.error).toMatchObject({ code: "invalid" });
    await act(async () => void hook.is.send("c"));
    expect(hook.is).toMatchObject({ isPending: true, error: undefined });
    await act(() => vi.waitFor(() => new Promise((resolve) => setImmediate(resolve))));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("[V11] what is pending or failed in one room is not shown for the next", async () => {
    const server = welcoming();
    const hook = await joined(server, (room) => useSend(room, "say"));
    const [first] = server.peers;
    await act(async () => void hook.is.send("a"));
    hook.rerender({ room: "b" });
    expect(hook.is).toMatchObject({ isPending: false, error: undefined });
    await tell(first!, ["x", 1, { code: "refused" }]);
    expect(hook.is).toMatchObject({ isPending: false, error: undefined });
  });
});

describe("useCall", () => {
  test("[V11] gives the answer of the newest call, whichever comes last", async () => {
    const server = welcoming();
    const hook = await joined(server, (room) => useCall(room, "up"));
    let first: Promise<string> | undefined;
    await act(async () => {
      first = hook.is.call("a");
      void hook.is.call("b", { timeout: 5000 });
    });
    expect(hook.is).toMatchObject({ isPending: true, answer: undefined });
    await tell(server.last, ["v", 2, "B"]);
    expect(hook.is).toMatchObject({ isPending: true, answer: "B" });
    await tell(server.last, ["v", 1, "A"]);
    expect(hook.is).toMatchObject({ isPending: false, answer: "B" });
    expect(await first).toBe("A");
  });

  test("[V11] keeps the last answer while the next is awaited, and when that fails", async () => {
    const server = welcoming();
    const hook = await joined(server, (room) => useCall(room, "now"));
    await act(async () => void hook.is.call());
    await tell(server.last, ["v", 1, 7]);
    await act(async () => void hook.is.call({ timeout: 100 }));
    expect(hook.is).toMatchObject({ isPending: true, answer: 7 });
    await pass(100);
    expect(hook.is).toMatchObject({ isPending: false, answer: 7, error: { code: "timeout" } });
    expect(hook.is.error).toBeInstanceOf(RoomError);
  });
});

describe("useOutbox", () => {
  test("[V6] an optimistic list: a message goes over into the log in one render", async () => {
    const server = welcoming();
    const seen: string[] = [];
    function Page() {
      const room = useRoom(chat, at(server));
      const { entries } = useLog(room);
      const outbox = useOutbox(room, "say");
      const { send } = useSend(room, "say");
      const kept = entries.map(({ event, value }) => (event === "said" ? value : event));
      seen.push([...kept, ...outbox.map(({ value, state }) => `${value}…${state}`)].join(" "));
      return <button onClick={() => send("hi")}>send</button>;
    }
    render(<Page />);
    await pass();
    await act(async () => screen.getByRole("button").click());
    await tell(server.last, ["n", "one"], ["e", 1, ["said", "hi", 1]], ["a", 1]);
    const lists = seen.filter((each, index) => each !== seen[index - 1]);
    expect(lists).toEqual(["", "hi…waiting", "hi"]);
  });

  test("[V6] what failed while no component looked is there for the first that does", async () => {
    const server = welcoming();
    const hook = await joined(server, (room) => useSend(room, "say"));
    await act(async () => void hook.is.send("a"));
    await tell(server.last, ["x", 1, { code: "refused" }]);
    const { result } = renderHook(() => useOutbox(hook.room, "say"));
    expect(result.current).toMatchObject([
      { value: "a", state: "failed", error: { code: "refused" } },
    ]);
    await act(async () => result.current[0]?.retry());
    expect(result.current).toMatchObject([{ value: "a", state: "waiting" }]);
  });

  test("[V9] a list of one name does not render again for another", async () => {
    const server = welcoming();
    const hook = await joined(server, () => undefined);
    let renders = 0;
    renderHook(() => {
      renders += 1;
      return useOutbox(hook.room, "shout");
    });
    await act(async () => void hook.room.send("say", "a").catch(() => undefined));
    await tell(server.last, ["a", 1]);
    expect(renders).toBe(1);
    await act(async () => void hook.room.send("shout", { text: "a" }).catch(() => undefined));
    expect(renders).toBe(2);
  });
});

describe("useEvent", () => {
  test("[V9] listening renders nothing", async () => {
    const server = welcoming();
    let renders = 0;
    const Ear = memo(function Ear({ room }: { room: Chat }) {
      renders += 1;
      const [count] = useState(0);
      useEvent(room, "typing", () => undefined);
      return <p>{count}</p>;
    });
    function Page() {
      return <Ear room={useRoom(chat, at(server))} />;
    }
    render(<Page />);
    await pass();
    await tell(server.last, ["s", "typing", "ann"], ["e", 1, ["said", "a", 1]]);
    expect(renders).toBe(1);
  });
});
