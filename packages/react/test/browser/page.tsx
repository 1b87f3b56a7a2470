// The page of react.browser.test.ts: people of a name, in a room of a name, with all the hooks.
import { pages } from "@greenroom/client/pages";
import { presence } from "@greenroom/client/presence";
import { memo, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

import {
  useEvent,
  useLog,
  useOthers,
  useOutbox,
  useRoom,
  useSend,
  useStatus,
} from "../../src/index.ts";
import { chat } from "./contract.ts";

const params = new URLSearchParams(location.search);
const name = params.get("name") ?? "";
/** Each test has rooms of its own. */
const roomOf = (room: string): string => `${params.get("rooms")} ${room}`;

const useChat = (room: string) => useRoom(chat, { room, lostAfter: 500, use: [pages, presence] });

function Status({ room }: { room: string }) {
  const { state, outage } = useStatus(useChat(room));
  return <output>{`${state} ${outage}`}</output>;
}

function Messages({ room: of }: { room: string }) {
  const room = useChat(of);
  const { entries, hasOlder, loadOlder } = useLog(room, { page: 3 });
  const outbox = useOutbox(room, "say");
  return (
    <section>
      {hasOlder && <button onClick={loadOlder}>older</button>}
      <ul>
        {entries.map(({ seq, value }) => (
          <li key={seq}>{`${value.from}: ${value.text}`}</li>
        ))}
      </ul>
      <ol>
        {outbox.map(({ key, value }) => (
          <li key={key}>{value.text}</li>
        ))}
      </ol>
    </section>
  );
}

function Room({ room: of }: { room: string }) {
  const room = useChat(of);
  const { send, isPending } = useSend(room, "say");
  const [text, setText] = useState("");
  const [last, setLast] = useState("");
  // What it says of `text` would be stale, were the listener that of the first render.
  useEvent(room, "said", ({ text: heard }) => setLast(`${heard} while writing ${text}`));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send({ from: name, text });
        setText("");
      }}
    >
      <input aria-label="text" value={text} onChange={(event) => setText(event.target.value)} />
      <button disabled={text === ""}>send</button>
      <em>{isPending ? "sending" : "sent"}</em>
      <strong>{last}</strong>
    </form>
  );
}

/** How often each has rendered; the test looks, and begins anew. */
const renders: Record<string, number> = {};
Object.assign(globalThis, { renders });

const Cursor = memo(function Cursor({
  room,
  id,
}: {
  room: ReturnType<typeof useChat>;
  id: string;
}) {
  const x = useOthers(room, (others) => others.find((other) => other.id === id)?.presence?.x);
  renders[id] = (renders[id] ?? 0) + 1;
  return <i>{x}</i>;
});

function Cursors({ room: of }: { room: string }) {
  const room = useChat(of);
  const ids = useOthers(room, (others) => others.map(({ id }) => id));
  return ids.map((id) => <Cursor key={id} room={room} id={id} />);
}

function Page() {
  const [room, setRoom] = useState("lobby");
  return (
    <>
      <nav>
        {["lobby", "kitchen", "stage", "none"].map((each) => (
          <button key={each} onClick={() => setRoom(each)}>
            {each}
          </button>
        ))}
      </nav>
      {room !== "none" && (
        <>
          <Status room={roomOf(room)} />
          <Messages room={roomOf(room)} />
          <Room room={roomOf(room)} />
          <Cursors room={roomOf(room)} />
        </>
      )}
    </>
  );
}

const main = document.querySelector("main");
if (main) {
  createRoot(main).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
