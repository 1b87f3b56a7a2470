// What the rooms hold in memory: the JavaScript heap of the Worker after a collection, by workerd's inspector.

import { sleep } from "./life.ts";

/** How long the inspector may take to answer, in ms: a collection is part of it. */
const PATIENCE = 20_000;
/** Between two calls of a Worker that has something to do, in ms. */
const CALL_AGAIN = 20;

/** What the Worker holds after a collection, in MB. It must have something to do: `url` is asked for that. */
export async function heldBy(inspector: URL, url: string): Promise<number> {
  const targets = await fetch(new URL("/json", inspector.href.replace(/^ws/, "http")).href);
  const list = await targets.json<readonly { readonly id: string }[]>();
  const worker = list.find(({ id }) => id.startsWith("core:user:"));
  if (!worker) throw new Error(`workerd has no Worker to inspect, but ${JSON.stringify(list)}.`);
  const socket = new WebSocket(new URL(`/${worker.id}`, inspector).href);
  try {
    await happens(socket, "open");
    // What only a finalizer lets go is collected the second time.
    for (const id of [1, 2]) {
      const collecting = { isOver: false };
      const collected = ask(socket, id, "HeapProfiler.collectGarbage").finally(() => {
        collecting.isOver = true;
      });
      collected.catch(() => undefined); // told below, unless the call fails first
      // V8 collects in a task of its own, and workerd runs tasks only when the Worker is called.
      while (!collecting.isOver) await Promise.all([fetch(url), sleep(CALL_AGAIN)]);
      await collected;
    }
    const { usedSize } = (await ask(socket, 3, "Runtime.getHeapUsage")) as { usedSize: number };
    return usedSize / 2 ** 20;
  } finally {
    socket.close();
  }
}

async function ask(socket: WebSocket, id: number, method: string): Promise<unknown> {
  const deadline = performance.now() + PATIENCE;
  socket.send(JSON.stringify({ id, method }));
  while (performance.now() < deadline) {
    const { data } = (await happens(socket, "message")) as Event & { data: string };
    const answer = JSON.parse(data) as { id?: number; result?: unknown; error?: unknown };
    if (answer.id !== id) continue;
    if (answer.error) throw new Error(`${method} failed: ${JSON.stringify(answer.error)}.`);
    return answer.result;
  }
  throw new Error(`${method} has no answer after ${PATIENCE} ms.`);
}

/** Waits for one event of a socket; rejects when it closes or fails first. */
function happens(socket: WebSocket, name: "open" | "message"): Promise<Event> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const once = { signal: done.signal };
    const fail = (why: string): void => {
      done.abort();
      clearTimeout(late);
      reject(new Error(`The inspector ${why}.`));
    };
    const late = setTimeout(() => fail("does not answer"), PATIENCE);
    socket.addEventListener("close", () => fail("has closed"), once);
    socket.addEventListener("error", () => fail("cannot be reached"), once);
    socket.addEventListener(
      name,
      (event) => {
        done.abort();
        clearTimeout(late);
        resolve(event);
      },
      once,
    );
  });
}
