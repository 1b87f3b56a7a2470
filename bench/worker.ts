// The Worker that is measured: every room of the targets that run in workerd, and each once more
// with its writes counted. The path is /<class>/<room>.
import { counted } from "./rooms/counted.ts";
import { Greenroom, GreenroomLazy, GreenroomRaw } from "./rooms/greenroom.ts";
import { Party } from "./rooms/party.ts";
import { Raw, RawNoStore } from "./rooms/raw.ts";

export { Greenroom, GreenroomLazy, GreenroomRaw, Party, Raw, RawNoStore };
export const GreenroomCounted: typeof Greenroom = counted(Greenroom);
export const GreenroomLazyCounted: typeof GreenroomLazy = counted(GreenroomLazy);
export const GreenroomRawCounted: typeof GreenroomRaw = counted(GreenroomRaw);
export const PartyCounted: typeof Party = counted(Party);
export const RawCounted: typeof Raw = counted(Raw);
export const RawNoStoreCounted: typeof RawNoStore = counted(RawNoStore);

export default {
  fetch(
    request: Request,
    env: Record<string, DurableObjectNamespace>,
  ): Response | Promise<Response> {
    const [, kind = "", name = ""] = new URL(request.url).pathname.split("/");
    return env[kind]?.getByName(name).fetch(request) ?? new Response(null, { status: 404 });
  },
};
