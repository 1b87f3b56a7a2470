// The Worker of the tests: the example alone.
import { routeRooms } from "@greenroom/server";

import { NoticeRoom, notify } from "../server.ts";

export { NoticeRoom };

type Env = { NoticeRoom: DurableObjectNamespace<NoticeRoom> };

export default {
  fetch: (request, env) =>
    new URL(request.url).pathname.startsWith("/notify/")
      ? notify(request, env)
      : routeRooms(request, env, { rooms: { notices: env.NoticeRoom } }),
} satisfies ExportedHandler<Env>;
