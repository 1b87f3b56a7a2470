// A Worker without Node's modules, except for the one class that rooms cannot do without.
import { Room, routeRooms } from "@greenroom/server";
import { logs } from "@greenroom/server/logs";

const lines: string[] = [];
logs({ write: (line) => lines.push(line) });

export class Plain extends Room {
  override async onRequest(): Promise<Response> {
    const node = await import("node:diagnostics_channel").then(
      () => "there",
      () => "not there",
    );
    return Response.json({ node, lines });
  }

  override onMessage(): void {
    throw new Error("secret text");
  }
}

interface Env extends Cloudflare.Env {
  Plain: DurableObjectNamespace<Plain>;
}

export default {
  fetch: (request: Request, env: Env) => routeRooms(request, env, { rooms: { plain: env.Plain } }),
};
