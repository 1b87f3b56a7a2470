/** `connect`: a room, typed by its contract, with everything wired up. */
import {
  type Contract,
  type ContractShape,
  encodeClientFrame,
  RoomError,
} from "@greenroom/protocol";

import { incoming, outgoing, own } from "./check.ts";
import { drive } from "./driver.ts";
import type { AddedBy, Extension, ExtensionContext } from "./extension.ts";
import { listeners } from "./listeners.ts";
import { type ConnectOptions, settingsOf } from "./options.ts";
import type { RoomClient, Unanswered } from "./room-client.ts";
import { Session } from "./session.ts";
import { sessionToken } from "./token.ts";
import { type WaitOptions, waiting } from "./waiting.ts";

/**
 * Connects to a room and stays connected, through whatever happens, until `close()`.
 *
 * @example
 * ```ts
 * const room = connect(chat, { host: "localhost:8787", room: "lobby" });
 * room.on("said", ({ from, text }) => console.log(from, text));
 * await room.send("say", { text: "Hello" });
 * ```
 */
export function connect<Shape extends ContractShape, const Use extends readonly Extension[] = []>(
  contract: Contract<Shape>,
  options: ConnectOptions & { readonly use?: Use },
): RoomClient<Shape> & AddedBy<Shape, Use> {
  const settings = settingsOf(contract, options);
  const shape: ContractShape = contract.shape;
  const heard = listeners();
  const moments = listeners();
  const outbox = new Set<Unanswered>();
  const answerers = new Map<string, (input: never) => unknown>();

  const { token, fresh, keep: keepToken } = sessionToken(settings.url, settings.session);
  const session = new Session(
    { shape, token, fresh, outbox: settings.outbox },
    {
      transmit: (text) => driver.socket?.send(text),
      welcomed: (slot) => driver.step({ type: "welcomed", slot }),
      replace: () => driver.step({ type: "replace" }),
      hear(name, value, meta) {
        heard.tell(name, value, meta);
        if (meta.kind === "signal") return;
        const { seq, at } = meta;
        moments.tell("entry", { seq, event: name, value, at });
      },
      ask: (id, name, value) => void answer(id, name, value),
      resumed: (moment) => moments.tell("resume", moment),
      item: (item) => used.find(({ kind }) => kind === item[0])?.item(item),
      fault,
    },
  );
  const driver = drive({
    settings,
    session,
    keepToken,
    tell: moments.tell,
  });

  const extension: ExtensionContext = {
    shape,
    clock: settings.clock,
    id: () => session.id,
    send(text) {
      const isLive = driver.status.state === "connected";
      if (isLive) driver.socket?.send(text);
      return isLive;
    },
    watch: moments.add,
    fault,
  };
  const used = (options.use ?? []).map(({ kind, extend }) => ({ kind, ...extend(extension) }));

  function fault(error: RoomError): void {
    moments.tell("fault", error);
  }

  /** Answers a question on the connection on which it was asked, and on no other. */
  async function answer(id: number, name: string, value: unknown): Promise<void> {
    const { socket } = driver;
    const refuse = (reason: string): void => socket?.send(encodeClientFrame(["f", id, reason]));
    const ask = own(shape.asks, name);
    const answerer = answerers.get(name);
    if (!ask || !answerer) return refuse("unknown");
    const input = incoming(ask.input, value, name);
    if (input instanceof RoomError) return refuse("invalid");
    try {
      // SAFETY: validated by the schema from which the answerer's type is inferred.
      const output = outgoing(ask.output, await answerer(input.value as never), name);
      if (output instanceof RoomError) throw output;
      socket?.send(`["r",${id}${output.json === undefined ? "" : `,${output.json}`}]`);
    } catch (cause) {
      const reason = cause instanceof RoomError ? cause.reason : undefined;
      if (reason === undefined) fault(new RoomError("failed", { cause }));
      refuse(reason ?? "failed");
    }
  }

  function submit(
    kind: "m" | "c",
    name: string,
    value: unknown,
    options: WaitOptions = {},
  ): Promise<never> {
    // SAFETY: the room's types give each name the values of its schema.
    const item = { kind, name, value } as Unanswered;
    outbox.add(item);
    moments.tell("outbox", { item });
    const promise = waiting(
      settings.clock,
      options,
      (settler) => session.enqueue(kind, name, value, settler),
      (settler) => session.cancel(settler),
      (error) => {
        outbox.delete(item);
        moments.tell("outbox", { item, error });
      },
    );
    // SAFETY: the answer is validated by the schema from which the caller's type is inferred.
    return promise as Promise<never>;
  }

  const room: RoomClient = {
    get id() {
      return session.id;
    },
    get status() {
      return driver.status;
    },
    get seq() {
      return session.seq;
    },
    get epoch() {
      return session.epoch;
    },
    get outbox() {
      return [...outbox];
    },
    on: (name, listener) => heard.add(name, listener),
    watch: (moment, watcher) => moments.add(moment, watcher),
    send: (name, value, options) => submit("m", name, value, options),
    call(name: string, ...args: unknown[]) {
      const [input, options] = own(shape.calls, name)?.input ? args : [undefined, args[0]];
      const wait = options as WaitOptions | undefined;
      const timeout = wait?.timeout ?? settings.callTimeout;
      return submit("c", name, input, { ...wait, timeout });
    },
    answer(name: string, answerer: (input: never) => unknown) {
      answerers.set(name, answerer);
      return () => {
        if (answerers.get(name) === answerer) answerers.delete(name);
      };
    },
    close: () => driver.step({ type: "close" }),
    reconnect: () => driver.step({ type: "start" }),
  };
  for (const { members } of used) Object.assign(room, members);
  if (!options.startClosed) room.reconnect();
  // SAFETY: the object does at run time what the contract's types say of each name.
  return room as never;
}
