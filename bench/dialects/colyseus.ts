/** Colyseus: a seat is reserved over HTTP, then messages in msgpack over a WebSocket. */
import { pack, unpack } from "msgpackr";

import type { Dialect } from "../dialect.ts";

const JOIN_ROOM = 10;
const ROOM_DATA = 13;
/** The message's name as msgpack writes it. */
const SAY = Buffer.concat([Buffer.from([ROOM_DATA]), pack("say")]);
const SAID = 1 + pack("said").length;
const FROM = Buffer.from(pack("from"));

/** Where the sender's number stands, once it was looked for. */
let own = 0;

export const dialect: Dialect = {
  async address(url) {
    const response = await fetch(new URL("/matchmake/joinOrCreate/bench", asHttp(url)), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ place: url.pathname }),
    });
    const seat = (await response.json()) as Seat;
    return new URL(`/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`, url);
  },
  join: (frame) => (frame[0] === JOIN_ROOM ? { reply: Buffer.from([JOIN_ROOM]), isIn: true } : {}),
  message: (speaker, text) => Buffer.concat([SAY, pack({ from: speaker.index, text })]),
  scan(bytes, from, to, speaker) {
    if (bytes[from] !== ROOM_DATA) return 0;
    if (own === 0) own = bytes.subarray(from, to).indexOf(FROM) + FROM.length;
    if (integerAt(bytes, from + own) === speaker.index) speaker.acknowledged += 1;
    return 1;
  },
  texts(frame) {
    if (frame[0] !== ROOM_DATA) return [];
    return [(unpack(frame.subarray(SAID)) as { text: string }).text];
  },
};

interface Seat {
  readonly processId: string;
  readonly roomId: string;
  readonly sessionId: string;
}

/** A whole number up to 65,535 as msgpack writes it. */
function integerAt(bytes: Buffer, at: number): number {
  const kind = bytes[at]!;
  if (kind < 128) return kind;
  return kind === 0xcc ? bytes[at + 1]! : bytes.readUInt16BE(at + 1);
}

function asHttp(url: URL): URL {
  return new URL(url.href.replace(/^ws/, "http"));
}
