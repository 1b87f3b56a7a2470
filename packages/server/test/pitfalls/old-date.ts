// Pitfall 7, a Worker of its own, because a compatibility date is a Worker's: a hand-written
// object and a room, each with a message to say, a way to end, and a count.
import { DurableObject } from "cloudflare:workers";

import { Room } from "@greenroom/server";

const EXPIRE_AFTER = 50;

/** 7: is right under a new compatibility date. */
export class NaiveDate extends DurableObject {
  say(text: string): string {
    this.ctx.storage.kv.put("last", text);
    void this.ctx.storage.setAlarm(Date.now() + EXPIRE_AFTER);
    return "taken";
  }

  async end(): Promise<string> {
    await this.ctx.storage.deleteAll();
    return "ended";
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/say")) return new Response(this.say("hello"));
    if (pathname.endsWith("/end")) return new Response(await this.end());
    return new Response(this.ctx.storage.kv.get<string>("last") ?? "empty");
  }

  override alarm(): void {
    this.ctx.storage.kv.put("last", "expired");
  }
}
