// Rooms whose doors are under test: with claims, without a schema for them, raw, and small.
import {
  claimsOf,
  type Connection,
  type ConnectionContext,
  contract,
  refuse,
  Room,
} from "@greenroom/server";
import * as v from "valibot";

export const door = contract({
  name: "desk",
  messages: {
    say: v.string(),
    kick: v.string(),
    ban: v.object({ user: v.string(), for: v.optional(v.number()) }),
    unban: v.string(),
    lock: v.string(),
    unlock: v.null(),
    banAndFail: v.string(),
    later: v.string(),
  },
  events: { said: v.object({ by: v.string(), text: v.string() }) },
  signals: { left: v.string() },
  calls: {
    who: { output: v.any(), reads: true },
    write: { input: v.string(), output: v.number() },
    seen: { output: v.array(v.string()), reads: true },
  },
  claims: v.object({ sub: v.string(), name: v.pipe(v.string(), v.toUpperCase()) }),
});

/** A room whose members have claims, and whose onStart writes. */
export class DoorRoom extends Room.of(door) {
  /** What hooks were given of requests, in this instance. */
  seen: string[] = [];
  /** Ends the handler that waits. */
  release: (() => void) | undefined;

  override onStart(): void {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS t (x)");
  }

  handlers = this.handle({
    authorize: (member, asked) => {
      if (asked.name === "say" && asked.value === "throw") throw refuse("not that word");
      if (asked.kind === "call" && asked.name === "write") return asked.value !== "no";
      return member.claims.name !== "MUTE";
    },
    onConnect: (member, { request }) => {
      this.seen.push(`${request.url} ${JSON.stringify([...request.headers])}`);
      if (member.claims.name === "NOBODY") throw refuse("nobody is nobody");
      member.setState({ of: member.claims.name });
    },
    onLeave: (member) => this.signal("left", `${member.claims.name} ${String(member.user)}`),
    say: ({ claims }, text) => this.publish("said", { by: claims.name, text }),
    kick: (_member, id) => this.member(id)?.kick("you know why"),
    ban: (_member, { user, for: ms }) =>
      this.ban(user, { reason: "spam", ...(ms !== undefined && { for: ms }) }),
    unban: (_member, user) => this.unban(user),
    lock: (_member, reason) => this.lock(reason),
    unlock: () => this.unlock(),
    banAndFail: (_member, user) => {
      this.ban(user);
      throw new Error("secret text");
    },
    later: async (member, text) => {
      await new Promise<void>((resolve) => (this.release = resolve));
      this.publish("said", { by: member.claims.name, text });
    },
    who: (member) => ({
      claims: member.claims,
      user: member.user,
      readOnly: member.readOnly,
      state: member.state,
    }),
    write: (_member, text) => text.length,
    seen: () => this.seen,
  });

  override onRequest(request: Request): Response {
    return Response.json({ claims: claimsOf(request), url: request.url });
  }
}

export const open = contract({
  messages: { say: v.string(), lock: v.null() },
  events: { said: v.string() },
  calls: { who: { output: v.any() } },
});

/** Anybody may come in, with claims or without. */
export class OpenDoorRoom extends Room.of(open) {
  handlers = this.handle({
    say: (_member, text) => this.publish("said", text),
    lock: () => this.lock(),
    who: (member) => ({ claims: member.claims ?? null, user: member.user ?? null }),
  });
}

/** The same doors without a contract. */
export class RawDoorRoom extends Room {
  seen: string[] = [];

  override onConnect(connection: Connection, { request, claims }: ConnectionContext): void {
    this.seen.push(`${request.url} ${JSON.stringify([...request.headers])}`);
    if (claims?.sub === "nobody") throw refuse("nobody");
    connection.send(JSON.stringify([claims ?? null, connection.claims ?? null]));
  }

  override onMessage(connection: Connection, message: string): void {
    const [verb = "", user = ""] = message.split(" ");
    if (verb === "ban") this.ban(user);
    else connection.send(JSON.stringify(connection.claims?.sub ?? null));
  }

  override onRequest(request: Request): Response {
    const isAskedForAll = new URL(request.url).search === "?cf";
    return Response.json((isAskedForAll ? request.cf : claimsOf(request)) ?? null);
  }
}

/** Full with three, and a user's with two. */
export class SmallRoom extends Room.of(open) {
  static override limits = { connections: 3, connectionsPerUser: 2 };

  handlers = this.handle({
    say: (_member, text) => this.publish("said", text),
    lock: () => this.lock(),
    who: (member) => member.user ?? null,
  });
}
