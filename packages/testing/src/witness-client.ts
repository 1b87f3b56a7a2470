/** A client of a run: it sends its share of messages, and writes down all that it is told. */
import {
  connect,
  type ConnectOptions,
  type Contract,
  type ContractShape,
  type ResumeKind,
  RoomError,
  type Status,
} from "@greenroom/client";

import type { ChaosOptions } from "./chaos-options.ts";
import type { ClientHistory, HeardEntry, HeardResume, SentMessage } from "./history.ts";

/** What a witness is made of. */
export interface WitnessOptions<Shape extends ContractShape> extends Pick<
  ChaosOptions<Shape>,
  "send" | "keys"
> {
  readonly contract: Contract<Shape>;
  readonly connect: ConnectOptions;
}

/** One client with its notes. */
export interface WitnessClient extends ClientHistory {
  /** How far it has come in the room's log. */
  readonly seq: number;
  readonly status: Status;
  /** How often the room let it in, by the room's answer. */
  readonly resumes: Readonly<Record<ResumeKind, number>>;
  /** How long each loss of its connection lasted, in ms. */
  readonly recoveries: readonly number[];
  /** Its connection is lost, whether or not it knows that already. */
  down(): void;
  /** Sends one message; resolves when it is settled, however. */
  sendOne(key: string): Promise<void>;
  /** Begins to send its share. */
  sendAll(share: Share): void;
  /** Leaves for good: it is owed nothing that comes from here on. */
  leave(): void;
  close(): void;
}

/** What a witness sends. */
export interface Share {
  /** Before the number of a message, in its key. */
  readonly prefix: string;
  readonly count: number;
  /** A message is due so many ms after the one before it. */
  readonly every: number;
  /** How many wait for their answers at once. */
  readonly inFlight: number;
  /** Called after each answer, whatever it is. */
  readonly answered: () => void;
}

/** Connects a witness to its room. */
export function witness<Shape extends ContractShape>(
  options: WitnessOptions<Shape>,
): WitnessClient {
  const { contract, send } = options;
  const sent: SentMessage[] = [];
  const heard: (HeardResume | HeardEntry)[] = [];
  const resumes: Record<ResumeKind, number> = { joined: 0, resumed: 0, snapshot: 0, reset: 0 };
  const recoveries: number[] = [];
  let downSince: number | undefined;
  let left = false;
  const down = (): void => {
    downSince ??= performance.now();
  };

  const room = connect(contract, options.connect);
  room.watch("resume", ({ kind }) => {
    resumes[kind] += 1;
    heard.push({ resume: kind, seq: room.seq ?? 0, epoch: room.epoch });
    if (downSince !== undefined) recoveries.push(performance.now() - downSince);
    downSince = undefined;
  });
  room.watch("status", ({ state }) => {
    if (state === "reconnecting") down();
  });
  const keys = options.keys as Record<string, ((value: unknown) => string | undefined) | undefined>;
  for (const name of Object.keys(contract.shape.events ?? {})) {
    // SAFETY: the name is one of the contract's events, and its reader takes the event's value.
    room.on(name as never, (value: unknown, meta: object) => {
      const { seq } = meta as { readonly seq: number }; // SAFETY: what events come with
      heard.push({ seq, epoch: room.epoch, key: keys[name]?.(value) });
    });
  }

  async function sendOne(key: string): Promise<void> {
    const message: SentMessage = { key };
    sent.push(message);
    try {
      await send(room, key);
      message.outcome = "taken";
    } catch (error) {
      message.outcome = error instanceof RoomError ? error.code : String(error);
    }
  }

  return {
    sent,
    heard,
    resumes,
    recoveries,
    get left() {
      return left;
    },
    get seq() {
      return room.seq ?? 0;
    },
    get status() {
      return room.status;
    },
    down,
    sendOne,
    sendAll({ prefix, count, every, inFlight, answered }) {
      const began = performance.now();
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) {
          const index = next++;
          const wait = began + index * every - performance.now();
          if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
          await sendOne(`${prefix}${index}`);
          answered();
        }
      };
      for (let lanes = 0; lanes < Math.min(inFlight, count); lanes++) void lane();
    },
    leave() {
      left = true;
      room.close();
    },
    close: () => room.close(),
  };
}
