// Listens to a room and prints its notices: `node listen.ts [room] [host]`, in Node 22.18 or newer.
import { connect } from "@greenroom/client";

import { notices } from "./contract.ts";

const [, , name = "kitchen", host = "localhost:8787"] = process.argv;

const room = connect(notices, { host, room: name });

room.on("posted", ({ text }, { seq, at }) => {
  console.log(`${new Date(at).toLocaleTimeString()}  #${seq}  ${text}`);
});

// The connection comes back by itself; this only says so.
room.watch("status", (status) => {
  console.error(status.state === "closed" ? `closed: ${status.reason}` : status.state);
});

process.once("SIGINT", () => {
  room.close();
  process.exit();
});
