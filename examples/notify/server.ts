// The room keeps notices for whoever listens, and the route publishes into it.
import { getRoom, Room, RoomError } from "@greenroom/server";

import { notices } from "./contract.ts";

export class NoticeRoom extends Room.of(notices) {
  static override lifecycle = { expireAfter: 24 * 60 * 60_000 };
  static override log = { history: 5 }; // what newcomers get

  handlers = this.handle({}); // the contract has no messages
}

type Env = { NoticeRoom: DurableObjectNamespace<NoticeRoom> };

/** `POST /notify/<room>` with a text; whoever may publish is for you to check, here. */
export async function notify(request: Request, env: Env): Promise<Response> {
  if (request.method !== "POST") return new Response("POST a text.\n", { status: 405 });
  const name = decodeURIComponent(new URL(request.url).pathname.slice("/notify/".length));
  try {
    const room = await getRoom(env.NoticeRoom, name);
    await room.publish("posted", { text: await request.text() });
    return new Response("Published.\n");
  } catch (error) {
    if (!(error instanceof RoomError)) throw error;
    const isTheirs = ["invalid", "too-large", "bad-name"].includes(error.code);
    return Response.json({ code: error.code }, { status: isTheirs ? 400 : 500 });
  }
}
