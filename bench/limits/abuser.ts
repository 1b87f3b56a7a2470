// One abusive client, in a process of its own: sends as fast as its socket takes it, and comes
// back at once whenever it is closed. With each "go" it begins as somebody else; `same` then comes
// back as itself, `new` as somebody else each time.
import { WebSocket } from "ws";

const [, , url = "", kind = "same"] = process.argv;
const counts = { sent: 0, dials: 0 };
let life = 0;
let current: WebSocket | undefined;

function attack(own: number, dial: number): void {
  if (own !== life) return; // it was stopped
  counts.dials += 1;
  const session = `abusive-session-${process.pid}-${own}-${kind === "same" ? 0 : dial}`;
  const hello = Buffer.from(JSON.stringify([session, null, null])).toString("base64url");
  const socket = new WebSocket(url, ["greenroom.1", `greenroom.hello.${hello}`], {
    perMessageDeflate: false,
  });
  current = socket;
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
  socket.on("close", () => setImmediate(attack, own, dial + 1));
}

process.on("message", (word) => {
  life += 1;
  current?.terminate();
  if (word === "go") attack(life, 0);
  else process.send?.(counts);
});
process.once("disconnect", () => process.exit(1)); // the command is gone
process.send?.("ready");
