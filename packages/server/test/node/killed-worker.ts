// The Worker of killed.node.test.ts: a room with a thousand timers that says what has rung.
import { getRoom, Room } from "@greenroom/server";

/** What has rung, in order, as kept by the room. */
export interface Kept {
  readonly n: number;
  readonly due: number;
  readonly at: number;
}

export class KilledRoom extends Room {
  readonly clocks = this.timers.on({
    count: ({ n }: { n: number }, { due }) => {
      this.ctx.storage.sql.exec("INSERT INTO kept VALUES (?, ?, ?)", n, due, Date.now());
    },
  });

  override onStart(): void {
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS kept (n INTEGER, due INTEGER, at INTEGER)",
    );
  }

  begin(dues: number[]): void {
    dues.forEach((due, n) => this.clocks.set(`count/${n}`, { at: due }, { n }));
  }

  count(): number {
    return this.sql<{ n: number }>`SELECT count(*) AS n FROM kept`[0]?.n ?? 0;
  }

  kept(): { rung: Kept[]; left: number } {
    const rung = this.sql<
      Kept & Record<string, number>
    >`SELECT n, due, at FROM kept ORDER BY rowid`;
    return { rung, left: this.timers.list().length };
  }
}

interface Env extends Cloudflare.Env {
  KilledRoom: DurableObjectNamespace<KilledRoom>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const room = await getRoom(env.KilledRoom, "killed");
    if (request.method === "POST") {
      await room.begin(await request.json<number[]>());
      return new Response("begun");
    }
    const isCount = new URL(request.url).pathname === "/count";
    return Response.json(isCount ? await room.count() : await room.kept());
  },
};
