// A poll as it is written for partyserver: the page on coming from there quotes it, and so the two
// others in this folder.
import { type Connection, routePartykitRequest, Server } from "partyserver";

type Poll = { question: string; options: string[]; votes: number[]; open: boolean };

export class PollServer extends Server {
  static override options = { hibernate: true };
  poll: Poll | undefined;

  override async onStart() {
    this.poll = await this.ctx.storage.get<Poll>("poll");
  }

  override async onRequest(request: Request) {
    if (request.method === "POST") {
      const { question, options } = await request.json<Pick<Poll, "question" | "options">>();
      this.poll = { question, options, votes: options.map(() => 0), open: true };
      await this.ctx.storage.setAlarm(Date.now() + 10 * 60_000);
      await this.save();
    }
    return this.poll ? Response.json(this.poll) : new Response("No poll", { status: 404 });
  }

  override onConnect(connection: Connection) {
    if (this.poll) connection.send(JSON.stringify(this.poll));
  }

  override async onMessage(connection: Connection<{ voted: boolean }>, message: string) {
    const { type, option } = JSON.parse(message);
    if (type !== "vote" || !this.poll?.open || connection.state?.voted) return;
    this.poll.votes[option] = (this.poll.votes[option] ?? 0) + 1;
    connection.setState({ voted: true });
    await this.save();
  }

  override async onAlarm() {
    if (this.poll) this.poll.open = false;
    await this.save();
  }

  async save() {
    await this.ctx.storage.put("poll", this.poll);
    this.broadcast(JSON.stringify(this.poll));
  }
}

export default {
  async fetch(request: Request, env: Cloudflare.Env) {
    const response = await routePartykitRequest(request, env);
    return response ?? new Response("Not found", { status: 404 });
  },
};
