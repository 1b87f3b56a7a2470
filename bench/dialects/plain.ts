/** One text a message, sent to all as it came: what hand-written rooms speak. */
import type { Dialect, Speaker } from "../dialect.ts";

const OWN = Buffer.from('{"from":');

export const dialect: Dialect = {
  greets: false,
  message: (speaker: Speaker, text: string) => `{"from":${speaker.index},"text":"${text}"}`,
  scan(frame, speaker) {
    // The sender's own copy is its acknowledgement: the number after the first bytes is compared.
    let at = OWN.length;
    let from = 0;
    for (let digit = frame[at]!; digit !== 44; digit = frame[++at]!) from = from * 10 + digit - 48;
    if (from === speaker.index) speaker.acknowledged += 1;
    return 1;
  },
  texts: (frame) => [(JSON.parse(frame) as { text: string }).text],
};
