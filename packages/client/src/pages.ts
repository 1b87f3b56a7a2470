/**
 * Pages: older entries of the log than the room has told on joining, where it uses `pages`, too.
 * A question waits for a connection, and is asked again on the next: reading changes nothing.
 */
import {
  type ContractShape,
  encodePageRequest,
  knownFault,
  ownError,
  type PageRequest,
  readPage,
  RoomError,
} from "@greenroom/protocol";

import { incoming, own } from "./check.ts";
import type { Extended, Extension, ExtensionContext } from "./extension.ts";
import type { Settler } from "./outbox.ts";
import type { LogEntry } from "./room-client.ts";
import { type WaitOptions, waiting } from "./waiting.ts";

/** The log of a room, page by page. */
export interface Pages<Shape extends ContractShape> {
  /**
   * At most `limit` entries before a seq, oldest first: fewer where the room gives fewer, none at
   * the beginning of what it keeps. Waits for 10 s by default; rejects with a `RoomError`:
   * `timeout`, `aborted`, `limited`, `closed`, `unknown` where the room gives no pages.
   */
  before(seq: number, limit?: number, options?: WaitOptions): Promise<readonly LogEntry<Shape>[]>;
}

/** The extension; it adds `room.pages`. */
export interface PagesExtension extends Extension {
  readonly adds?: this["shape"] extends infer Shape extends ContractShape
    ? { readonly pages: Pages<Shape> }
    : object;
}

/**
 * Gives a room its `pages`.
 *
 * @example
 * ```ts
 * const room = connect(chat, { room: "lobby", use: [pages] });
 * const older = await room.pages.before(120);
 * ```
 */
export const pages: PagesExtension = { kind: "b", extend };

/** How many entries are asked for, and how long an answer may take, in ms. */
const LIMIT = 50;
const TIMEOUT = 10_000;

interface Asked {
  readonly request: PageRequest;
  readonly settler: Settler;
}

function extend({ shape, clock, send, watch, fault }: ExtensionContext): Extended {
  const asked = new Map<number, Asked>();
  let ids = 0;

  function rejectAll(error: RoomError): void {
    for (const { settler } of asked.values()) settler.reject(error);
    asked.clear();
  }

  function before(seq: number, limit = LIMIT, options?: WaitOptions): Promise<unknown> {
    const request = { id: ++ids, seq, limit };
    return waiting(
      clock,
      { timeout: TIMEOUT, ...options },
      (settler) => {
        asked.set(request.id, { request, settler });
        send(encodePageRequest(request));
      },
      () => asked.delete(request.id),
    );
  }

  watch("status", ({ state, ...status }) => {
    if (state === "connected") {
      for (const { request } of asked.values()) send(encodePageRequest(request));
    } else if (state === "closed") {
      const { reason } = status as { readonly reason: string };
      rejectAll(new RoomError("closed", { message: `The connection is closed: ${reason}.` }));
    }
  });
  // What was asked for is of another epoch.
  watch("resume", ({ kind }) => {
    if (kind === "reset") rejectAll(ownError("aborted", { message: "The log began anew." }));
  });
  // A room that does not know the question cannot read it.
  watch("fault", ({ code }) => {
    if (code === "malformed") {
      rejectAll(
        new RoomError("unknown", {
          message: "The room gives no pages of its log.",
          hint: "On the server: `Room.of(contract, { use: [pages()] })`.",
        }),
      );
    }
  });

  function entriesOf(seq: number, entries: readonly (readonly [string, unknown, number])[]) {
    return entries.flatMap(([event, value, at], index) => {
      const schema = own(shape.events, event);
      const checked = schema ? incoming(schema, value, event) : new RoomError("unknown");
      if (!(checked instanceof RoomError))
        return { seq: seq + index, event, value: checked.value, at };
      fault(checked);
      return [];
    });
  }

  return {
    members: { pages: { before } },
    item(item) {
      const page = readPage(item);
      const settler = page && asked.get(page.id)?.settler;
      if (!settler) return; // given up meanwhile
      asked.delete(page.id);
      if ("fault" in page) {
        const { code, ...details } = knownFault(page.fault);
        settler.reject(new RoomError(code, details));
      } else settler.resolve(entriesOf(page.seq, page.entries));
    },
  };
}
