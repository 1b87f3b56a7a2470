/** Socket.IO over a WebSocket at once, as its client does with `transports: ["websocket"]`. */
import { type Dialect, numberAt } from "../dialect.ts";

const OWN = '42["said",{"from":'.length;

export const dialect: Dialect = {
  address: (url) => {
    const room = encodeURIComponent(url.pathname.slice(1));
    return new URL(`/socket.io/?EIO=4&transport=websocket&room=${room}`, url);
  },
  // "0{...}" opens the transport, "40" asks for the namespace, "40{...}" is in it.
  join: (frame) => (frame[0] === 48 ? { reply: "40" } : { isIn: true }),
  message: (speaker, text) => `42["say",{"from":${speaker.index},"text":"${text}"}]`,
  scan(bytes, from, to, speaker) {
    if (to - from < OWN) return 0; // its ping
    if (numberAt(bytes, from + OWN) === speaker.index) speaker.acknowledged += 1;
    return 1;
  },
  texts(frame) {
    const text = frame.toString();
    if (!text.startsWith("42")) return [];
    const [, value] = JSON.parse(text.slice(2)) as [string, { text: string }];
    return [value.text];
  },
  /** With the server's `connectionStateRecovery`: its id, and the offset of the last event. */
  returning() {
    let auth: { pid?: string; offset?: string } = {};
    return {
      dial: (url) => ({ url }),
      join: (frame) =>
        frame[0] === 48
          ? { reply: `40${auth.offset ? JSON.stringify(auth) : ""}` }
          : { isIn: true },
      note(frame) {
        const text = frame.toString();
        if (text.startsWith("40")) {
          const { pid } = JSON.parse(text.slice(2)) as { pid: string };
          if (auth.offset !== undefined && pid !== auth.pid) throw new Error("not recovered");
          auth = { ...auth, pid };
        }
        if (!text.startsWith("42")) return 0;
        auth = { ...auth, offset: (JSON.parse(text.slice(2)) as string[])[2]! };
        return 1;
      },
    };
  },
};
