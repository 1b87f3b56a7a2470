/** `connect`: a room, typed by its contract, with everything wired up. */
import {
  type Contract,
  type ContractShape,
  encodeClientFrame,
  RoomError,
} from "@greenroom/protocol";

import { incoming, outgoing, own } from "./check.ts";
import { CLOCK } from "./clock.ts";
import { Driver } from "./driver.ts";
import { Listeners } from "./listeners.ts";
import { type ConnectOptions, settingsOf } from "./options.ts";
import type { RoomClient } from "./room-client.ts";
import { Session, type SessionEffect } from "./session.ts";
import { sessionToken } from "./token.ts";
import { type WaitOptions, Waiting } from "./waiting.ts";

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
export function connect<Shape extends ContractShape>(
  contract: Contract<Shape>,
  options: ConnectOptions,
): RoomClient<Shape> {
  const settings = settingsOf(contract, options);
  const shape: ContractShape = contract.shape;
  const { url, session: token, outbox, callTimeout } = settings;
  const secret = sessionToken(url, token);
  const session = new Session<Waiting>({ shape, token: secret.token, outbox });
  const heard = new Listeners();
  const moments = new Listeners();
  const answerers = new Map<string, (input: never) => unknown>();

  const driver = new Driver<Waiting>(
    { settings, session, secret, clock: CLOCK, random: Math.random },
    {
      status: (status) => moments.tell("status", status),
      outage: (moment) => moments.tell(moment),
      effect,
    },
  );

  function effect(effect: SessionEffect<Waiting>): void {
    switch (effect.do) {
      case "event": {
        const { name, value, seq, at } = effect;
        return heard.tell(name, value, { kind: "event", seq, at });
      }
      case "signal":
        return heard.tell(effect.name, effect.value, { kind: "signal" });
      case "resumed":
        return moments.tell("resume", effect.resumed);
      case "fault":
        return moments.tell("fault", effect.error);
      case "settle":
        return effect.tag.resolve(effect.value);
      case "reject":
        return effect.tag.reject(effect.error);
      case "ask":
        return void answer(effect.id, effect.name, effect.value);
      default: // of the connection: the driver has carried it out
    }
  }

  /** Answers a question on the connection on which it was asked, and on no other. */
  async function answer(id: number, name: string, value: unknown): Promise<void> {
    const { socket } = driver;
    const refuse = (reason: string): void => socket?.send(encodeClientFrame(["f", id, reason]));
    const ask = own(shape.asks, name);
    const answerer = answerers.get(name);
    if (!ask || !answerer) return refuse("unknown");
    const input = incoming(ask.input, value, `the question "${name}"`);
    if (!input.ok) return refuse("invalid");
    try {
      // SAFETY: validated by the schema from which the answerer's type is inferred.
      const given = await answerer(input.value as never);
      const output = outgoing(ask.output, given, `the answer to "${name}"`);
      if (!output.ok) throw output.error;
      socket?.send(`["r",${id},${output.value ?? "null"}]`);
    } catch (error) {
      const reason = error instanceof RoomError ? error.reason : undefined;
      if (reason === undefined) moments.tell("fault", new RoomError("failed", { cause: error }));
      refuse(reason ?? "failed");
    }
  }

  function submit(
    kind: "m" | "c",
    name: string,
    value: unknown,
    options: WaitOptions,
  ): Promise<never> {
    const waiting = new Waiting((tag) => driver.perform(session.cancel(tag)), CLOCK, options);
    // What is settled already, by a signal that has fired, is not sent.
    if (!waiting.settled) driver.perform(session.enqueue(kind, name, value, waiting));
    // SAFETY: the answer was validated by the schema from which the caller's type is inferred.
    return waiting.promise as Promise<never>;
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
    on: (name, listener) => heard.add(name, listener),
    watch: (moment, watcher) => moments.add(moment, watcher),
    send: (name, value, options = {}) => submit("m", name, value, options),
    call(name: string, ...args: unknown[]) {
      const takesInput = own(shape.calls, name)?.input !== undefined;
      const [input, options] = takesInput ? args : [undefined, args[0]];
      return submit("c", name, input, { timeout: callTimeout, ...(options as WaitOptions) });
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
  if (!options.startClosed) room.reconnect();
  // SAFETY: the object does at run time what the contract's types say of each name.
  return room as unknown as RoomClient<Shape>;
}
