// One abusive client, in a process of its own: sends as fast as its socket takes it, and comes
// back at once whenever it is closed. `same` comes back as itself, `new` as somebody else each time.
import { WebSocket } from "ws";

const [, , url = "", kind = "same"] = process.argv;
const counts = { sent: 0, dials: 0 };
let dial = 0;

function attack(): void {
  dial += 1;
  counts.dials += 1;
  const session = `abusive-session-${kind === "same" ? 0 : dial}`;
  const hello = Buffer.from(JSON.stringify([session, null, null])).toString("base64url");
  const socket = new WebSocket(url, ["greenroom.1", `greenroom.hello.${hello}`], {
    perMessageDeflate: false,
  });
  let n = 0;
  const flood = (): void => {
    for (let i = 0; i < 200 && socket.readyState === WebSocket.OPEN; i++) {
      n += 1;
      counts.sent += 1;
      socket.send(`["m",${n},"say",{"text":"${"!".repeat(100)}"}]`);
    }
    if (socket.readyState !== WebSocket.OPEN) return;
    // As fast as the other end takes it, and no faster: the rest would only fill this process.
    if (socket.bufferedAmount > 1_000_000) setTimeout(flood, 1);
    else setImmediate(flood);
  };
  socket.on("open", flood);
  socket.on("error", () => undefined); // closed, which is told, too
  socket.on("close", () => setImmediate(attack));
}

process.on("message", () => {
  process.send?.(counts);
  process.exit(0);
});
attack();
