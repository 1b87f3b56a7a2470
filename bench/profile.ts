/** A V8 profile of the server, for `--profile`: opened in a browser's developer tools. */
import { writeFileSync } from "node:fs";

import { WebSocket } from "ws";

import type { Profile } from "./profile-shares.ts";
import type { Workerd } from "./workerd.ts";

/** Starts the profiler; what it gives stops it, writes the file, and gives what was written. */
export async function profile(server: Workerd, path: string): Promise<() => Promise<Profile>> {
  if (!server.inspector) throw new Error("The server was started without its inspector.");
  const targets = new URL("/json", server.inspector.href.replace("ws", "http"));
  const list = (await (await fetch(targets)).json()) as { id: string }[];
  const worker = list.find(({ id }) => id.startsWith("core:user:"));
  const socket = new WebSocket(new URL(`/${worker!.id}`, server.inspector));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const waiting = new Map<number, (result: unknown) => void>();
  let id = 0;
  socket.on("message", (text: Buffer) => {
    const message = JSON.parse(text.toString()) as { id?: number; result?: unknown };
    if (message.id !== undefined) waiting.get(message.id)?.(message.result);
  });
  const call = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.set((id += 1), resolve);
      socket.send(JSON.stringify({ id, method, params }));
    });
  await call("Profiler.enable");
  await call("Profiler.enable");
  await call("Profiler.setSamplingInterval", { interval: 200 });
  await call("Profiler.start");
  return async () => {
    const { profile } = (await call("Profiler.stop")) as { profile: Profile };
    writeFileSync(path, JSON.stringify(profile));
    socket.close();
    return profile;
  };
}
