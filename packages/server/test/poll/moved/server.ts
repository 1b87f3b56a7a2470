// The poll with another base class and another route: its clients notice nothing.
import { type Connection, Room, routeRooms } from "@greenroom/server"; // was: "partyserver"

type Poll = { question: string; options: string[]; votes: number[]; open: boolean };

export class PollServer extends Room {
  // Its storage goes so long after the last message; without this line, after 30 minutes.
  static override lifecycle = { expireAfter: 30 * 24 * 60 * 60_000 };
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
  fetch: (request: Request, env: { PollServer: DurableObjectNamespace<PollServer> }) =>
    routeRooms(request, env, { rooms: { "poll-server": env.PollServer }, prefix: "parties" }),
};
