// A server by hand: ws and Node's own SQLite, one row a room, an upsert and a broadcast a message;
// with "log", every message is a row as well, and who comes with ?since=N is sent what came after.
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";

import { WebSocket, WebSocketServer } from "ws";

import { ready } from "./ready.ts";

const [file = ":memory:", synchronous = "FULL", keeping = "count"] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`);
database.exec(
  "CREATE TABLE IF NOT EXISTS counter (room TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID",
);
const count = database.prepare(
  "INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
);
database.exec("CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, room TEXT, text TEXT)");
database.exec("CREATE INDEX IF NOT EXISTS of_room ON log (room, n)");
const append = database.prepare("INSERT INTO log (room, text) VALUES (?, ?)");
const since = database.prepare("SELECT text FROM log WHERE room = ? ORDER BY n LIMIT -1 OFFSET ?");

const rooms = new Map<string, Set<WebSocket>>();
const http = createServer();
new WebSocketServer({ server: http }).on("connection", (socket, request) => {
  const { pathname: name, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const members = rooms.get(name) ?? new Set();
  rooms.set(name, members.add(socket));
  socket.on("message", (message: Buffer, binary) => {
    if (keeping !== "nothing") count.run(name);
    if (keeping === "log") append.run(name, message.toString());
    for (const member of members)
      if (member.readyState === WebSocket.OPEN) member.send(message, { binary });
  });
  if (searchParams.has("since")) {
    const missed = since.all(name, Number(searchParams.get("since"))) as { text: string }[];
    for (const { text } of missed) socket.send(text);
  }
  socket.on("close", () => {
    members.delete(socket);
    if (members.size === 0) rooms.delete(name);
  });
});

ready(http);
