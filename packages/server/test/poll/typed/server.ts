// The poll with a contract. It finds what partyserver's has stored.
import { refuse, Room, routeRooms } from "@greenroom/server";

import { type Poll, poll } from "./contract.ts";

export class PollServer extends Room.of(poll) {
  static override lifecycle = { expireAfter: 30 * 24 * 60 * 60_000 };
  static override log = { history: "snapshot" as const };

  handlers = this.handle({
    onSnapshot: () => this.poll ?? null,
    vote: (member, { option }) => {
      const { poll } = this;
      if (!poll?.open) throw refuse("closed");
      if (!(option in poll.votes)) throw refuse("no such option");
      if (member.state === "voted") throw refuse("voted already");
      member.setState("voted");
      this.save({ ...poll, votes: poll.votes.map((n, at) => (at === option ? n + 1 : n)) });
    },
  });

  get poll(): Poll | undefined {
    return this.ctx.storage.kv.get<Poll>("poll");
  }

  override async onRequest(request: Request) {
    if (request.method === "POST") {
      const { question, options } = await request.json<Pick<Poll, "question" | "options">>();
      await this.ctx.storage.setAlarm(Date.now() + 10 * 60_000);
      this.save({ question, options, votes: options.map(() => 0), open: true });
    }
    return this.poll ? Response.json(this.poll) : new Response("No poll", { status: 404 });
  }

  override onAlarm() {
    if (this.poll) this.save({ ...this.poll, open: false });
  }

  private save(poll: Poll) {
    this.ctx.storage.kv.put("poll", poll);
    this.publish("changed", poll);
  }
}

export default {
  fetch: (request: Request, env: { PollServer: DurableObjectNamespace<PollServer> }) =>
    routeRooms(request, env, { rooms: { poll: env.PollServer } }),
};
