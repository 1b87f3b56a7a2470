// A client of a contract room that speaks frames by hand, for tests of what is on the wire.
import {
  decodeRoomFrame,
  type Entry,
  type Fault,
  helloProtocols,
  type RoomItem,
  type Welcome,
} from "@greenroom/protocol";
import type { RawSocket, TestRoom } from "@greenroom/testing/workers";

/** Who can be spoken to: a room of the test kit. */
export type SpokenTo = Pick<TestRoom<undefined>, "open">;

/** A position and a session to come back with. */
export interface Past {
  readonly session?: string;
  readonly epoch?: string | null;
  readonly seq?: number | null;
  readonly dial?: readonly [life: number, count: number];
  readonly fresh?: boolean;
  /** Of the request; it may carry a query. */
  readonly path?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** A connection to a contract room that has been welcomed. */
export interface Speaker {
  readonly dialled: RawSocket;
  readonly welcome: Welcome;
  readonly id: string;
  /** Everything that came, in order, the welcome left out. */
  readonly items: RoomItem[];
  /** Entries that came, by seq. */
  readonly entries: { readonly seq: number; readonly entry: Entry }[];
  /** Frames that came after the welcome's. */
  frames(): number;
  message(n: number, name: string, value?: unknown): void;
  call(n: number, name: string, value?: unknown): void;
  raw(frame: unknown): void;
  /** Waits until `n` is taken, and gives its answer or its fault. */
  outcome(n: number): Promise<{ readonly answer?: unknown; readonly fault?: Fault }>;
  /** Waits until an entry of this seq has come. */
  until(seq: number): Promise<void>;
  /** Waits for the next item of a kind that was not taken yet. */
  item(kind: RoomItem[0]): Promise<RoomItem>;
}

let sessions = 0;

/** A new session token. */
export function sessionToken(): string {
  sessions += 1;
  return `test-session-${String(sessions).padStart(10, "0")}`;
}

/** Connects to a contract room with a hello, and waits for the welcome. */
export async function speak(room: SpokenTo, past: Past = {}): Promise<Speaker> {
  const { session = sessionToken(), epoch = null, seq = null } = past;
  const hello = { session, epoch, seq, ...(past.dial && { dial: past.dial }), fresh: past.fresh };
  const dialled = await room.open({
    protocols: helloProtocols(hello, past.token),
    ...(past.path !== undefined && { path: past.path }),
    ...(past.headers && { headers: past.headers }),
  });
  const items: RoomItem[] = [];
  const entries: Speaker["entries"] = [];
  const taken = new Set<RoomItem>();
  let frames = 0;
  const waiters: (() => void)[] = [];

  const read = (text: string): void => {
    const decoded = decodeRoomFrame(text);
    if (!decoded.ok) throw new Error(`The room sent a frame that cannot be read: ${decoded.why}`);
    for (const item of decoded.frame) {
      items.push(item);
      if (item[0] === "e")
        item
          .slice(2)
          .forEach((entry, index) => entries.push({ seq: item[1] + index, entry: entry as Entry }));
    }
    frames += 1;
    for (const wake of waiters.splice(0)) wake();
  };
  read(await dialled.next());
  const first = items.shift();
  if (first?.[0] !== "w")
    throw new Error(`The first item is ${JSON.stringify(first)}, not a welcome.`);
  dialled.listen(read);
  const wait = async <T>(look: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
  };
  const send = (frame: unknown): void => dialled.send(JSON.stringify(frame));
  return {
    dialled,
    welcome: first[1],
    id: first[1].id,
    items,
    entries,
    frames: () => frames - 1,
    message: (n, name, value) => send(["m", n, name, value]),
    call: (n, name, value) => send(["c", n, name, value]),
    raw: send,
    outcome: (n) =>
      wait(() => {
        for (const item of items) {
          if (item[0] === "v" && item[1] === n) return { answer: item[2] };
          if (item[0] === "x" && item[1] === n) return { fault: item[2] };
          if (item[0] === "a" && item[1] >= n) return {};
        }
        return undefined;
      }),
    until: async (seq_) => {
      await wait(() => entries.find((entry) => entry.seq === seq_));
    },
    item: (kind) =>
      wait(() => {
        const found = items.find((item) => item[0] === kind && !taken.has(item));
        if (found) taken.add(found);
        return found;
      }),
  };
}
