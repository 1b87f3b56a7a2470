// The way in as clients take it: through the Worker's `routeRooms`, with what stands at its door.
import {
  type Authenticate,
  type Claims,
  refuse,
  routeRooms,
  type RouteOptions,
  unauthenticated,
} from "@greenroom/server";
import { type Fetcher, testRoom, type TestRoom } from "@greenroom/testing/workers";
import { env } from "cloudflare:workers";

const rooms = {
  door: env.DoorRoom,
  open: env.OpenDoorRoom,
  raw: env.RawDoorRoom,
  small: env.SmallRoom,
  echo: env.EchoRoom,
  named: env.NamedRoom,
} satisfies RouteOptions["rooms"];

/** A token of the tests: claims as JSON, or what is wrong with it. */
export function tokenOf(claims: Claims): string {
  return JSON.stringify(claims);
}

/** Takes tokens of the tests. */
export const authenticate: Authenticate = (_request, { token }) => {
  if (token === undefined) return unauthenticated();
  if (token === "stranger") return refuse("strangers stay outside");
  if (token === "stale") throw unauthenticated("stale");
  if (token === "broken") throw new Error("secret text");
  return JSON.parse(token) as Claims;
};

/** The Worker. */
export function workerOf(options: Partial<RouteOptions> = { authenticate }): Fetcher {
  return { fetch: (request) => routeRooms(request, env, { rooms, ...options }) };
}

/** Whom a binding is for. */
type HeldBy<Namespace> =
  Namespace extends DurableObjectNamespace<infer Room> ? TestRoom<Room> : never;

/** A room of the test kit that everybody comes to through the Worker. */
export function roomThrough<Kind extends keyof typeof rooms>(
  kind: Kind,
  options: Partial<RouteOptions> = { authenticate },
  name?: string,
): Promise<HeldBy<(typeof rooms)[Kind]>> {
  const namespace: DurableObjectNamespace = rooms[kind];
  return testRoom(namespace, {
    kind,
    through: workerOf(options),
    ...(name !== undefined && { name }),
  }) as never; // SAFETY: its binding's
}
