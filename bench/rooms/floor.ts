// The least that a durable room in bursts costs the platform, whoever writes it: each message is read
// once, a burst is one UPDATE of one row and one frame a member. It checks nothing, knows no sessions,
// resumes nobody, sets no alarm and keeps only the last entries; so no real room can be faster in workerd.
import { DurableObject } from "cloudflare:workers";

const TABLE = "CREATE TABLE IF NOT EXISTS floor (k INTEGER PRIMARY KEY, seq INTEGER, body TEXT)";
/** Characters that share a row before it is begun anew: a row of more than a page costs more than one. */
const ROW = 2_000;
const VAIN = 8;

interface Sent {
  readonly socket: WebSocket;
  readonly frame: string;
}

/** Without storage: what remains is the platform's own price of messages and frames. */
export class FloorNoStore extends DurableObject {
  protected seq = 0;
  #waiting: Sent[] = [];
  #isDue = false;
  #recent = 0;
  /** Waits for a lone message's commit in which nothing came: where two talk by turns, nothing ever does. */
  #vain = 0;

  override fetch(): Response {
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server);
    server.send("[]");
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#waiting.push({ socket, frame: message as string });
    if (this.#isDue) return;
    if (this.#recent <= 1) this.#turn();
    else {
      this.#isDue = true;
      this.#gather(0);
    }
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  protected write(_seq: number, _body: string): void {
    // Nothing is kept.
  }

  protected committed(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Looks by zero timers until nothing has come since the last. */
  #gather(seen: number): void {
    setTimeout(() => {
      if (this.#waiting.length > seen) this.#gather(this.#waiting.length);
      else this.#turn();
    }, 0);
  }

  #turn(): void {
    const sent = this.#waiting;
    this.#waiting = [];
    this.#recent = sent.length;
    const first = this.seq + 1;
    const numbers = new Map<WebSocket, number>();
    const entries: string[] = [];
    for (const { socket, frame } of sent) {
      const [, n, , { text }] = JSON.parse(frame) as [string, number, string, { text: string }];
      numbers.set(socket, n);
      entries.push(JSON.stringify(["said", { from: "somebody", text }, Date.now()]));
    }
    const body = entries.join(",");
    this.seq += entries.length;
    this.write(first, body);
    const shared = `["e",${first},${body}]`;
    for (const socket of this.ctx.getWebSockets()) {
      const n = numbers.get(socket);
      socket.send(n === undefined ? `[${shared}]` : `[["a",${n}],${shared}]`);
    }
    this.#isDue = sent.length > 1 || this.#vain < VAIN;
    if (this.#isDue) void this.committed().then(() => this.#rest());
  }

  /** What came during the commit is the next turn's. */
  #rest(): void {
    const { length } = this.#waiting;
    this.#vain = this.#recent > 1 || length > 0 ? 0 : this.#vain + 1;
    this.#isDue = length > 0;
    if (this.#isDue) this.#gather(length);
  }
}

/** With its row. */
export class Floor extends FloorNoStore {
  readonly #sql = this.ctx.storage.sql;
  #length = ROW;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    this.#sql.exec(TABLE);
    this.#sql.exec("INSERT OR REPLACE INTO floor VALUES (1, 0, '')");
  }

  protected override committed(): Promise<void> {
    return this.ctx.storage.sync();
  }

  protected override write(seq: number, body: string): void {
    const isFull = this.#length + body.length > ROW;
    this.#length = isFull ? body.length : this.#length + body.length;
    const next = isFull ? "?" : "body || ',' || ?";
    this.#sql.exec(`UPDATE floor SET seq = ?, body = ${next} WHERE k = 1`, seq, body);
  }
}
