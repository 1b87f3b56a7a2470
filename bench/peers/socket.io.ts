// Socket.IO as its guides show it, in memory: a room a name, everything that is said goes to all.
import { createServer } from "node:http";

import { Server } from "socket.io";

import { ready } from "./ready.ts";

const http = createServer();
const [, keeping] = process.argv.slice(2);
// Only where it is asked for: it keeps what a client that comes back has missed, and costs.
const io = new Server(http, keeping === "recovery" ? { connectionStateRecovery: {} } : {});
const counts = new Map<string, number>();

io.on("connection", (socket) => {
  const room = String(socket.handshake.query["room"]);
  void socket.join(room);
  socket.on("say", (message: unknown) => {
    counts.set(room, (counts.get(room) ?? 0) + 1);
    io.to(room).emit("said", message);
  });
});

ready(http);
