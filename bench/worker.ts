// The Worker that is measured: every room of the targets that run in workerd, and some once more with
// their writes counted. The path is /<class>/<room>.
import { counted } from "./rooms/counted.ts";
import { Floor, FloorNoStore } from "./rooms/floor.ts";
import {
  Greenroom,
  GreenroomLazy,
  GreenroomLong,
  GreenroomPresence,
  GreenroomRaw,
  GreenroomRawLazy,
  GreenroomSignal,
} from "./rooms/greenroom.ts";
import { Grown } from "./rooms/grown.ts";
import { Party, PartyLog, PartyNoStore } from "./rooms/party.ts";
import { Raw, RawLog, RawNoStore } from "./rooms/raw.ts";

export { Floor, FloorNoStore, Grown };
export { Greenroom, GreenroomLazy, GreenroomLong, GreenroomPresence, GreenroomRaw };
export {
  GreenroomRawLazy,
  GreenroomSignal,
  Party,
  PartyLog,
  PartyNoStore,
  Raw,
  RawLog,
  RawNoStore,
};
export const GreenroomCounted: typeof Greenroom = counted(Greenroom);
export const GreenroomLazyCounted: typeof GreenroomLazy = counted(GreenroomLazy);
export const GreenroomRawCounted: typeof GreenroomRaw = counted(GreenroomRaw);
export const GreenroomRawLazyCounted: typeof GreenroomRawLazy = counted(GreenroomRawLazy);
export const GreenroomSignalCounted: typeof GreenroomSignal = counted(GreenroomSignal);
export const FloorCounted: typeof Floor = counted(Floor);
export const FloorNoStoreCounted: typeof FloorNoStore = counted(FloorNoStore);
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
