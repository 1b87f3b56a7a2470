/**
 * What the Worker says of a request to its room, in `request.cf`, which the platform makes and no client
 * can set. Only the development server takes a `cf` from a header: a request that has it is believed nothing.
 */
import { altered, CF_HEADER } from "./secrets.ts";

/** What is carried, by its name in `cf`. */
type Carried = "greenroom" | "greenroomDebug";
type Carrier = Partial<Record<Carried, unknown>> & Record<string, unknown>;

/** What a request carries under a name. */
export function carriedBy(request: Request, name: Carried): unknown {
  const cf: Carrier | undefined = request.cf;
  return request.headers.has(CF_HEADER) ? undefined : cf?.[name];
}

/** The same request with this under the name, and with nothing there that came from elsewhere. */
export function carrying(request: Request, name: Carried, value: unknown): Request {
  const cf: Carrier | undefined = request.cf;
  if (value === undefined && !(cf && name in cf)) return request;
  const { [name]: _, ...others } = cf ?? {};
  return altered(request, { cf: value === undefined ? others : { ...others, [name]: value } });
}
