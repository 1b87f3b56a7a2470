/** Greenroom's frames: an array of items, with a burst's entries and one acknowledgement in each. */
import { randomBytes } from "node:crypto";

import { decodeRoomFrame, helloProtocols } from "@greenroom/protocol";

import { type Dialect, numberAt } from "../dialect.ts";
import { counter } from "./repeated.ts";

const ACKNOWLEDGED = '[["a",'.length;
const count = counter('["said",');

export const dialect: Dialect = {
  join: () => ({ isIn: true }), // the room speaks first
  message: (speaker, text) => `["m",${speaker.sent},"say",{"text":"${text}"}]`,
  scan(bytes, from, to, speaker) {
    if (bytes[from + 3] === 97) speaker.acknowledged = numberAt(bytes, from + ACKNOWLEDGED);
    return count(bytes, from, to);
  },
  texts(frame, seen) {
    const texts: string[] = [];
    const items = JSON.parse(frame.toString()) as [string, number, ...Entry[]][];
    for (const [kind, seq, ...entries] of items) {
      if (kind !== "e") continue;
      if (seen.seq !== 0 && seq !== seen.seq + 1) throw new Error(`seq ${seq} after ${seen.seq}`);
      seen.seq = seq + entries.length - 1;
      texts.push(...entries.map(([, { text }]) => text));
    }
    return texts;
  },
  returning() {
    const session = randomBytes(16).toString("base64url");
    let epoch: string | null = null;
    let seq: number | null = null;
    return {
      dial: (url) => ({ url, protocols: helloProtocols({ session, epoch, seq }) }),
      note(frame) {
        const read = decodeRoomFrame(frame.toString());
        if (!read.ok) throw new Error(read.why);
        let count = 0;
        for (const item of read.frame) {
          if (item[0] === "w") {
            if (seq !== null && item[1].resume !== "resumed") throw new Error(item[1].resume);
            epoch = item[1].epoch;
            seq = item[1].seq;
          } else if (item[0] === "n") epoch = item[1];
          else if (item[0] === "e") {
            if (item[1] !== (seq ?? 0) + 1) throw new Error(`seq ${item[1]} after ${seq}`);
            count += item.length - 2;
            seq = item[1] + item.length - 3;
          }
        }
        return count;
      },
    };
  },
};

type Entry = [event: string, value: { text: string }, at: number];
