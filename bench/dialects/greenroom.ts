/** Greenroom's frames: an array of items, with a burst's entries and one acknowledgement in each. */
import type { Dialect, Speaker } from "../dialect.ts";

const ACKNOWLEDGED = Buffer.from('[["a",');
const ENTRY = Buffer.from('["said",');

/** The bytes of one entry with its comma, once a frame with two has come. */
let length = 0;

export const dialect: Dialect = {
  greets: true,
  message: (speaker: Speaker, text: string) => `["m",${speaker.sent},"say",{"text":"${text}"}]`,
  scan(frame, speaker) {
    if (frame[3] === 97 && frame.subarray(0, ACKNOWLEDGED.length).equals(ACKNOWLEDGED)) {
      let n = 0;
      for (let at = ACKNOWLEDGED.length; frame[at] !== 93; at++) n = n * 10 + frame[at]! - 48;
      speaker.acknowledged = n;
    }
    // Entries are of one length, so that counting them costs no search; the sample checks it.
    const first = frame.indexOf(ENTRY);
    if (first === -1) return 0;
    const second = length === 0 ? frame.indexOf(ENTRY, first + 100) : -1;
    if (second !== -1) length = second - first;
    return length === 0 ? 1 : Math.round((frame.length - first) / length);
  },
  texts(frame, seen) {
    const texts: string[] = [];
    for (const [kind, seq, ...entries] of JSON.parse(frame) as [string, number, ...Entry[]][]) {
      if (kind !== "e") continue;
      if (seen.seq !== 0 && seq !== seen.seq + 1) throw new Error(`seq ${seq} after ${seen.seq}`);
      seen.seq = seq + entries.length - 1;
      texts.push(...entries.map(([, { text }]) => text));
    }
    return texts;
  },
};

type Entry = [event: string, value: { text: string }, at: number];
