// Types of the doors that must hold: compiled by `tsc -b`, run by nobody.
import {
  type Authenticate,
  type Claims,
  claimsOf,
  type Connection,
  type ConnectionContext,
  contract,
  type Member,
  refuse,
  Room,
  unauthenticated,
} from "@greenroom/server";
import { jwt } from "@greenroom/server/jwt";
import * as v from "valibot";
import { z } from "zod";

const typed = contract({
  messages: { say: v.string(), move: v.object({ x: v.number() }) },
  calls: {
    page: { output: v.number(), reads: true },
    add: { input: v.number(), output: v.number() },
  },
  claims: z.object({ sub: z.string(), role: z.enum(["admin", "guest"]), since: z.coerce.date() }),
});

export class Typed extends Room.of(typed) {
  handlers = this.handle({
    authorize: (member, asked) => {
      member.claims.role satisfies "admin" | "guest";
      // @ts-expect-error no such role
      if (member.claims.role === "root") return true;
      if (asked.kind === "message" && asked.name === "move") return asked.value.x > 0;
      if (asked.kind === "call" && asked.name === "add") asked.value satisfies number;
      // @ts-expect-error no such message
      if (asked.name === "delete") throw refuse("no");
      return undefined;
    },
    say: (member) => {
      member.claims.since satisfies Date; // what the schema makes of it
      member.user satisfies string | undefined;
      member.readOnly satisfies boolean;
      // @ts-expect-error who it is, is the Worker's to say
      member.user = "root";
      this.ban(member.user ?? member.id, { for: 60_000, reason: "spam" });
      this.unban("anna");
      this.lock("full");
      this.unlock();
      member.kick();
      // @ts-expect-error a time is in ms
      this.ban("anna", { for: "1h" });
    },
    move: () => undefined,
    page: () => 1,
    add: (_member, n) => n,
  });
}

export class WrongAuthorize extends Room.of(contract({ messages: { say: v.string() } })) {
  handlers = this.handle({
    // @ts-expect-error it decides within one turn
    authorize: async () => true,
    say: ({ claims }) => void (claims satisfies Claims | undefined),
  });
}

export class Raw extends Room {
  override onConnect(connection: Connection, { claims }: ConnectionContext): void {
    claims?.sub satisfies string | undefined;
    connection.claims?.["role"] satisfies unknown;
  }

  override onRequest(request: Request): Response {
    return Response.json(claimsOf(request)?.exp ?? 0);
  }
}

const byKeys = jwt({ jwks: new URL("https://id.example/jwks"), issuer: "a", audience: "b" });
jwt({ secret: new Uint8Array(32), issuer: ["a", "b"] });
// @ts-expect-error whose tokens, and for whom?
jwt({ jwks: "https://id.example/jwks" });
// @ts-expect-error one or the other
jwt({ jwks: "https://id.example/jwks", issuer: "a", audience: "b", secret: "x" });

export const own: Authenticate = async (request, { room, kind, token }) => {
  room satisfies string;
  kind satisfies string;
  if (!token) return unauthenticated();
  const claims = await byKeys(request, { token });
  return claims.sub === room ? { ...claims, readOnly: true } : refuse("not your room");
};
// @ts-expect-error what is known of nobody is `{}`
export const forgetful: Authenticate = () => undefined;
// @ts-expect-error a user is a text
export const numbered: Authenticate = () => ({ sub: 7 });

export function isAdmin(member: Member<(typeof typed)["shape"]>): boolean {
  return member.claims.role === "admin";
}
