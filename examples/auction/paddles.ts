// Paddles: whoever wants to bid gets one, with their name and their part on it. It is a signed token
// that the room's door looks at. An app of yours would ask here who somebody is; this one believes it.
import { SignJWT } from "jose";
import * as v from "valibot";

import { claims } from "./contract.ts";

const asked = v.pick(claims, ["name", "role"]);

/** `POST /auction/paddle` with a name and a part. */
export async function paddle(request: Request, secret: string): Promise<Response> {
  const wish = v.safeParse(asked, await request.json().catch(() => undefined));
  if (!wish.success) return Response.json({ code: "invalid" }, { status: 400 });
  const sub = crypto.randomUUID();
  const token = await new SignJWT(wish.output)
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(sub)
    .setExpirationTime("12 hours")
    .sign(new TextEncoder().encode(secret));
  return Response.json({ token, sub, ...wish.output });
}
