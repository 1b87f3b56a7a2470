/** One text a message, sent to all as it came: what hand-written rooms speak. */
import { type Dialect, numberAt } from "../dialect.ts";

const OWN = '{"from":'.length;

export const dialect: Dialect = {
  message: (speaker, text) => `{"from":${speaker.index},"text":"${text}"}`,
  scan(bytes, from, _to, speaker) {
    // The sender's own copy is its acknowledgement: the number after the first bytes is compared.
    if (numberAt(bytes, from + OWN) === speaker.index) speaker.acknowledged += 1;
    return 1;
  },
  texts: (frame) => [(JSON.parse(frame.toString()) as { text: string }).text],
  returning() {
    let seen = 0;
    return {
      dial: (url) => ({ url: new URL(`?since=${seen}`, url) }),
      note(frame) {
        JSON.parse(frame.toString());
        seen += 1;
        return 1;
      },
    };
  },
};
