import { Room, routeRooms } from "@greenroom/server";
// The Worker of pitfall 7: a compatibility date is a Worker's, so it has one of its own. The same
// three requests lead to a hand-written object and to a room.
import { DurableObject } from "cloudflare:workers";

/** 7: is right under today's compatibility date. */
export class NaiveDate extends DurableObject {
  async say(text: string): Promise<string> {
    this.ctx.storage.kv.put("last", text);
    await this.ctx.storage.setAlarm(Date.now() + 300);
    return "taken";
  }

  async end(): Promise<string> {
    await this.say("bye");
    await this.ctx.storage.deleteAll();
    return (await this.ctx.storage.getAlarm()) === null ? "ended" : "ended, with an alarm";
  }

  last(): string {
    return this.ctx.storage.kv.get<string>("last") ?? "nothing";
  }

  override alarm(): void {
    this.ctx.storage.kv.put("last", "the alarm rang");
  }
}

/** The same with Greenroom. */
export class DatedRoom extends Room {
  override async onRequest(request: Request): Promise<Response> {
    const { storage } = this.ctx;
    const { search } = new URL(request.url);
    if (search === "?last") return new Response(storage.kv.get<string>("last") ?? "nothing");
    storage.kv.put("last", "hello");
    await storage.setAlarm(Date.now() + 300);
    if (search === "?say") return new Response("taken");
    await storage.deleteAll();
    return new Response((await storage.getAlarm()) === null ? "ended" : "ended, with an alarm");
  }

  override onAlarm(): void {
    this.ctx.storage.kv.put("last", "the alarm rang");
  }
}

interface Env extends Cloudflare.Env {
  NaiveDate: DurableObjectNamespace<NaiveDate>;
  DatedRoom: DurableObjectNamespace<DatedRoom>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    if (pathname !== "/naive") return routeRooms(request, env, { rooms: { dated: env.DatedRoom } });
    const stub = env.NaiveDate.get(env.NaiveDate.idFromName("7"));
    try {
      if (search === "?say") return new Response(await stub.say("hello"));
      if (search === "?end") return new Response(await stub.end());
      return new Response(await stub.last());
    } catch (fault) {
      return new Response(String(fault), { status: 500 });
    }
  },
};
