/**
 * What a client's frame asks of its room, before anything is done about it. Pure.
 *
 * A frame that is refused unread, because there are too many or it is too large, keeps its place
 * among the numbers of its session: it is rejected in its turn, as a wrong value would be. So a
 * later number is never carried out before an earlier one, and a refused one never after.
 */
import { decodeClientFrame, type Fault } from "@greenroom/protocol";

import { byteLength } from "./accept.ts";

/** A frame beside its value: its kind, its number and its name. */
const ENVELOPE = 256;

/** A message or a call; with a fault, it is to be rejected. */
export interface Numbered {
  readonly kind: "numbered";
  readonly isCall: boolean;
  /** 0 where a refused frame has none that can be read. */
  readonly n: number;
  readonly name: string;
  readonly value: unknown;
  readonly fault: Fault | undefined;
}

/** What a member answers to a question of the room. */
export interface Settled {
  readonly kind: "settled";
  readonly id: number;
  readonly value: { readonly answer: unknown } | { readonly refusal: string };
}

/** What a frame comes to. */
export type Intake =
  | Numbered
  | Settled
  | { readonly kind: "malformed" }
  /** The client has read as much as it was asked to acknowledge. */
  | { readonly kind: "read" };

/** Whether a frame is over the limit, its envelope left out of account. */
export function isTooLarge(text: string, limit: number): boolean {
  return text.length > limit / 3 && byteLength(text) > limit + ENVELOPE;
}

/** Refuses a frame unread, but for the kind and the number at its beginning. */
export function refuseFrame(text: string, fault: Fault): Numbered | Settled {
  const [, kind, digits] = /^\["([mcr])",(\d{1,16})[,\]]/.exec(text.slice(0, 32)) ?? [];
  const n = Number(digits ?? 0);
  // Who asked is told at once: no other answer will come.
  if (kind === "r") return { kind: "settled", id: n, value: { refusal: fault.code } };
  return {
    kind: "numbered",
    isCall: kind === "c",
    n: Number.isSafeInteger(n) ? n : 0,
    name: "",
    value: undefined,
    fault,
  };
}

/** Reads a frame; a value over `limit` bytes is rejected. */
export function readFrame(text: string, limit: number): Intake {
  const decoded = decodeClientFrame(text);
  if (!decoded.ok) return { kind: "malformed" };
  const [kind, n, name, value] = decoded.frame;
  if (kind === "k") return { kind: "read" };
  if (kind === "r") return { kind: "settled", id: n, value: { answer: name } };
  if (kind === "f") return { kind: "settled", id: n, value: { refusal: name } };
  const isCall = kind === "c";
  const size = text.length > limit / 3 ? byteLength(text) : 0;
  const beside = size > limit ? JSON.stringify([kind, n, name]).length + 1 : 0;
  const fault: Fault | undefined = size - beside > limit ? { code: "too-large" } : undefined;
  return { kind: "numbered", isCall, n, name, value, fault };
}
