import * as React from "react";
import { startTransition, StrictMode, Suspense, useState, version } from "react";
import { describe, expect, test, vi } from "vitest";

import { useEvent, useRoom, useStatus } from "../src/index.ts";
import {
  act,
  at,
  chat,
  FakeServer,
  pass,
  render,
  screen,
  setTheStage,
  tell,
  welcoming,
} from "./stage.tsx";

setTheStage();

function Status({ server, room = "lobby" }: { server: FakeServer; room?: string }) {
  return <p>{useStatus(useRoom(chat, at(server, { room }))).state}</p>;
}

describe(`one connection (React ${version})`, () => {
  test("[V7] components that use the same room share one connection", async () => {
    const server = welcoming();
    render(
      <>
        <Status server={server} />
        <Status server={server} />
        <Status server={server} />
      </>,
    );
    expect(screen.getAllByText("connecting").length).toBe(3);
    await pass();
    expect(screen.getAllByText("connected").length).toBe(3);
    expect(server.peers.length).toBe(1);
  });

  test("[V7] it ends a second after the last of them, and not before", async () => {
    const server = welcoming();
    const { rerender, unmount } = render(
      <>
        <Status key="a" server={server} />
        <Status key="b" server={server} />
      </>,
    );
    await pass();
    rerender(<Status key="b" server={server} />);
    await pass(5000);
    expect(server.last.isOpen).toBe(true);
    unmount();
    await pass(999);
    expect(server.last.closedWith).toBe(undefined);
    await pass(1);
    expect(server.last.closedWith).toBe(1000);
  });

  test("[V7] who comes back within the second finds the connection, and later a new one", async () => {
    const server = welcoming();
    const first = render(<Status server={server} />);
    await pass();
    first.unmount();
    await pass(900);
    const second = render(<Status server={server} />);
    screen.getByText("connected");
    await pass(5000);
    expect(server.peers.length).toBe(1);
    second.unmount();
    await pass(1000);
    render(<Status server={server} />);
    screen.getByText("connecting");
    await pass();
    screen.getByText("connected");
    expect(server.peers.length).toBe(2);
  });

  test("[V7] in StrictMode, too, a room is dialed once", async () => {
    const server = welcoming();
    const { unmount } = render(<Status server={server} />, { wrapper: StrictMode });
    await pass(2000);
    screen.getByText("connected");
    expect(server.peers.length).toBe(1);
    unmount();
    await pass(1000);
    expect(server.last.closedWith).toBe(1000);
  });

  test("[V7] a render that is thrown away dials nothing, and the next one has its room", async () => {
    const server = welcoming();
    const rooms = new Set<object>();
    let resolve = (): void => undefined;
    let isReady = false;
    const ready = new Promise<void>((done) => {
      resolve = () => {
        isReady = true;
        done();
      };
    });
    function Slow() {
      const room = useRoom(chat, at(server));
      rooms.add(room);
      // What every version of React takes as a wait.
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- see above
      if (!isReady) throw ready;
      return <p>{useStatus(room).state}</p>;
    }
    render(
      <Suspense fallback="waiting">
        <Slow />
      </Suspense>,
    );
    await pass(30_000);
    screen.getByText("waiting");
    expect(server.peers.length).toBe(0);
    await act(async () => resolve());
    await pass();
    screen.getByText("connected");
    expect([server.peers.length, rooms.size]).toEqual([1, 1]);
  });

  test("[V7] people who switch rooms fast end up in the last, and the others are left", async () => {
    const server = welcoming();
    const { rerender } = render(<Status server={server} room="a" />);
    for (const room of ["b", "c", "a", "d"]) rerender(<Status server={server} room={room} />);
    await pass();
    screen.getByText("connected");
    await pass(1000);
    const open = server.peers.filter(({ closedWith }) => closedWith === undefined);
    expect(open.map(({ url }) => url)).toEqual(["ws://localhost:1/rooms/chat/d"]);
    expect(server.peers.length).toBe(4);
  });

  test("[V7] of a room that was switched away from, nothing is heard any more", async () => {
    const server = welcoming();
    const heard: string[] = [];
    function Listener({ room: name }: { room: string }) {
      const room = useRoom(chat, at(server, { room: name }));
      useEvent(room, "typing", (who) => heard.push(`${name}: ${who}`));
      return null;
    }
    const { rerender } = render(<Listener room="a" />);
    await pass();
    const [first] = server.peers;
    rerender(<Listener room="b" />);
    await pass();
    await tell(first!, ["s", "typing", "ann"]);
    await tell(server.last, ["s", "typing", "bob"]);
    expect(heard).toEqual(["b: bob"]);
  });

  test("[V7] a room whose name cannot be is an error of the render", () => {
    vi.mocked(console.error).mockImplementation(() => undefined);
    expect(() => render(<Status server={welcoming()} room=".." />)).toThrow(/\.\./);
  });
});

describe("options that are functions", () => {
  test("[B13] [V8] a token provider that is new with each render neither dials again nor goes stale", async () => {
    const server = new FakeServer((peer, index) => {
      peer.open();
      if (index === 1) peer.close(4100, "unauthenticated");
      else peer.welcome();
    });
    const asked: string[] = [];
    function Page({ user }: { user: string }) {
      const room = useRoom(chat, {
        ...at(server),
        token: async () => {
          asked.push(user);
          return user;
        },
      });
      return <p>{useStatus(room).state}</p>;
    }
    const { rerender } = render(<Page user="ann" />);
    await pass(10_000);
    rerender(<Page user="bob" />);
    rerender(<Page user="cid" />);
    await pass(10_000);
    expect(server.peers.length).toBe(1);
    server.last.break();
    await pass(5000);
    expect(server.peers.length).toBe(3);
    expect(asked).toEqual(["ann", "cid", "cid"]);
    expect(server.last.offer.token).toBe("cid");
  });

  test("[V7] another identity, and another token that is a text, are other connections", async () => {
    const server = welcoming();
    function Page(options: { identity?: string; token?: string | (() => string) }) {
      useRoom(chat, at(server, options));
      return null;
    }
    const { rerender } = render(<Page token="a" />);
    rerender(<Page token="b" />);
    rerender(<Page identity="ann" token={() => "c"} />);
    rerender(<Page identity="bob" token={() => "d"} />);
    await pass(1000);
    expect(server.peers.map(({ offer }) => offer.token)).toEqual(["a", "b", "c", "d"]);
    expect(server.peers.map(({ closedWith }) => closedWith)).toEqual([1000, 1000, 1000, undefined]);
  });
});

describe("useEvent", () => {
  test("[B13] [V8] the listener is the newest render's, and subscribes once", async () => {
    const server = welcoming();
    const heard: string[] = [];
    function Page() {
      const [count, setCount] = useState(0);
      const room = useRoom(chat, at(server));
      useEvent(room, "said", (text, { seq }) => {
        heard.push(`${count}: ${text} ${seq}`);
        setCount(count + 1);
      });
      return null;
    }
    render(<Page />, { wrapper: StrictMode });
    await pass();
    await tell(server.last, ["e", 1, ["said", "a", 5]]);
    await tell(server.last, ["e", 2, ["said", "b", 5]]);
    await tell(server.last, ["e", 3, ["said", "c", 5]]);
    expect(heard).toEqual(["0: a 1", "1: b 2", "2: c 3"]);
  });
});

describe("parts of the page that React sets aside", () => {
  test("[V7] while a part waits behind Suspense, its room stays connected", async () => {
    const server = welcoming();
    const wait = Promise.withResolvers<void>();
    let waits = false;
    function Slow() {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- how a wait is told to every React
      if (waits) throw wait.promise;
      return null;
    }
    const page = () => (
      <Suspense fallback="waiting">
        <Status server={server} />
        <Slow />
      </Suspense>
    );
    const { rerender } = render(page());
    await pass();
    waits = true;
    rerender(page());
    screen.getByText("waiting");
    await pass(5000);
    waits = false;
    await act(async () => wait.resolve());
    screen.getByText("connected");
    expect([server.peers.length, server.last.isOpen]).toEqual([1, true]);
  });

  test("[V7] a part that was hidden for long comes back with a new room", async () => {
    const { Activity } = React as {
      Activity?: React.FC<React.PropsWithChildren<{ mode: string }>>;
    };
    // React 18 has nothing that hides a part.
    if (!Activity) return expect(React.version).toMatch(/^18/);
    const server = welcoming();
    const page = (mode: string) => (
      <Activity mode={mode}>
        <Status server={server} />
        {quiet}
      </Activity>
    );
    // The very same element, which nothing renders again: only its effects run when it is shown.
    function Quiet() {
      useRoom(chat, at(server, { room: "quiet" }));
      return null;
    }
    const quiet = <Quiet />;
    const { rerender } = render(page("visible"));
    await pass();
    rerender(page("hidden"));
    await pass(1000);
    expect(server.peers.map(({ closedWith }) => closedWith)).toEqual([1000, 1000]);
    await pass(1000);
    rerender(page("visible"));
    await pass();
    expect(server.peers.map(({ isOpen }) => isOpen)).toEqual([false, false, true, true]);
    screen.getByText("connected");
  });

  test("[V7] a page that appears in a transition has one connection for all its parts", async () => {
    const server = welcoming();
    function Tabs() {
      const [isOpen, setOpen] = useState(false);
      return (
        <>
          <button onClick={() => startTransition(() => setOpen(!isOpen))}>tab</button>
          {isOpen &&
            Array.from({ length: 50 }, (_, index) => <Status key={index} server={server} />)}
        </>
      );
    }
    render(<Tabs />, { wrapper: StrictMode });
    const tab = screen.getByRole("button");
    await act(async () => tab.click());
    await pass();
    expect(screen.getAllByText("connected").length).toBe(50);
    await act(async () => tab.click());
    await act(async () => tab.click());
    await pass(2000);
    expect(screen.getAllByText("connected").length).toBe(50);
    expect([server.peers.length, server.last.isOpen]).toEqual([1, true]);
  });
});
