import { getRoom, Room } from "@greenroom/server";
// The Worker of pitfall 7: a compatibility date is a Worker's, so it has one of its own. The same
// three requests reach a hand-written object over RPC, and a room over HTTP.
import { DurableObject } from "cloudflare:workers";

/** 7: is right under today's compatibility date. */
export class NaiveDate extends DurableObject {
  async say(text: string): Promise<string> {
    this.ctx.storage.kv.put("last", text);
    await this.ctx.storage.setAlarm(Date.now() + 50);
    return "taken";
  }

  async end(): Promise<string> {
    await this.say("bye");
    await this.ctx.storage.deleteAll();
    return "ended";
  }

  async last(): Promise<string> {
    if ((await this.ctx.storage.getAlarm()) !== null) return "waiting";
    return this.ctx.storage.kv.get<string>("last") ?? "empty";
  }

  override alarm(): void {
    this.ctx.storage.kv.put("last", "the alarm rang");
  }
}

/** The same with Greenroom, which clears its storage together with its alarm. */
export class DatedRoom extends Room {
  override async onRequest(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { storage } = this.ctx;
    if (pathname === "/room/last") return new Response(storage.kv.get<string>("last") ?? "empty");
    storage.kv.put("last", "hello");
    if (pathname === "/room/say") return new Response("taken");
    await storage.deleteAll();
    return new Response("ended");
  }
}

interface Env extends Cloudflare.Env {
  NaiveDate: DurableObjectNamespace<NaiveDate>;
  DatedRoom: DurableObjectNamespace<DatedRoom>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/room/")) {
      const room = await getRoom(env.DatedRoom, "7");
      return room.fetch(request);
    }
    const stub = env.NaiveDate.get(env.NaiveDate.idFromName("7"));
    try {
      if (pathname === "/naive/say") return new Response(await stub.say("hello"));
      if (pathname === "/naive/end") return new Response(await stub.end());
      return new Response(await stub.last());
    } catch (fault) {
      return new Response(String(fault), { status: 500 });
    }
  },
};
