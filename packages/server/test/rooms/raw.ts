import { Room } from "@greenroom/server";
// Rooms without a contract, each with one way of writing its hooks or of failing.
import type { Connection } from "partyserver";

/** What a room has done, kept in memory: tests read it through `run`. */
export class EchoRoom extends Room {
  starts = 0;
  seen: string[] = [];

  /** A method for RPC that has the name of one that contract rooms have. */
  publish(text: string): string {
    return `its own: ${text}`;
  }

  override onStart(): void {
    this.starts += 1;
  }

  override onConnect(connection: Connection): void {
    this.seen.push(`connect ${connection.id}`);
  }

  override onMessage(connection: Connection, message: string | ArrayBuffer): void | Promise<void> {
    const text = typeof message === "string" ? message : `bytes ${message.byteLength}`;
    this.seen.push(text);
    if (text === "throw") throw new Error("secret text");
    if (text === "reject") return Promise.reject(new Error("secret text"));
    if (text === "slow") {
      return scheduler.wait(20).then(() => this.broadcast("slow is done"));
    }
    if (text === "count") connection.send(String(this.lifecycle.messages));
    else if (text === "state") {
      connection.setState({ n: ((connection.state as { n: number } | null)?.n ?? 0) + 1 });
      connection.send(JSON.stringify(connection.state));
    } else
      this.broadcast(`${connection.id}: ${text}`, text.startsWith("others") ? [connection.id] : []);
    return undefined;
  }

  override onClose(connection: Connection, code: number, reason: string): void {
    this.seen.push(`close ${code} ${reason}`);
    this.broadcast(`left ${connection.id} ${code}`);
  }

  override onRequest(request: Request): Response {
    if (new URL(request.url).pathname.endsWith("/throw")) throw new Error("secret text");
    return Response.json({
      name: this.name,
      starts: this.starts,
      messages: this.lifecycle.messages,
    });
  }
}
