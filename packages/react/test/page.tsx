/** A page that shows all that hooks read, for the tests of servers. */
import type { ReactElement } from "react";

import {
  type RoomOptions,
  useCall,
  useLog,
  useOutbox,
  useRoom,
  useSend,
  useStatus,
} from "../src/index.ts";
import { chat } from "./stage.tsx";

export function Page(options: RoomOptions): ReactElement {
  const room = useRoom(chat, options);
  const { state, outage } = useStatus(room);
  const { entries, hasOlder } = useLog(room);
  const outbox = useOutbox(room);
  const say = useSend(room, "say");
  const now = useCall(room, "now");
  const parts = [
    state,
    outage,
    entries.length,
    hasOlder,
    outbox.length,
    say.isPending,
    now.isPending,
  ];
  return <p>{parts.join(" ")}</p>;
}
