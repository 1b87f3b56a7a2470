// The bindings of wrangler.jsonc, for the types of `env`.
import type * as rooms from "./worker.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      TallyRoom: DurableObjectNamespace<rooms.TallyRoom>;
      PresentRoom: DurableObjectNamespace<rooms.PresentRoom>;
      EchoRoom: DurableObjectNamespace<rooms.EchoRoom>;
      HandWritten: DurableObjectNamespace<rooms.HandWritten>;
      ForgetfulRoom: DurableObjectNamespace<rooms.ForgetfulRoom>;
      CalendarRoom: DurableObjectNamespace<rooms.CalendarRoom>;
      HastyRoom: DurableObjectNamespace<rooms.HastyRoom>;
      LossyRoom: DurableObjectNamespace<rooms.LossyRoom>;
    }
    interface GlobalProps {
      mainModule: typeof rooms;
    }
  }
}
