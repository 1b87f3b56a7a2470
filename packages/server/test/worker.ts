// The Worker that the server's tests run in: it exports every room that a test needs.
export * from "./pitfalls/naive.ts";
export * from "./pitfalls/rooms.ts";
export { PollServer as PollBefore } from "./poll/before/server.ts";
export { PollServer as PollMoved } from "./poll/moved/server.ts";
export { PollServer as PollTyped } from "./poll/typed/server.ts";
export * from "./rooms/chat.ts";
export * from "./rooms/crowd.ts";
export * from "./rooms/doors.ts";
export * from "./rooms/ends.ts";
export * from "./rooms/hooks.ts";
export * from "./rooms/limited.ts";
export * from "./rooms/lives.ts";
export {
  HandWritten,
  MeteredChat,
  MeteredCrowd,
  MeteredDesk,
  MeteredLazyChat,
  MeteredRaw,
  MeteredTimers,
} from "./rooms/metered.ts";
export * from "./rooms/moved.ts";
export * from "./rooms/migrated.ts";
export * from "./rooms/pages.ts";
export * from "./rooms/raw.ts";
export * from "./rooms/savepoints.ts";
export { SecretiveRoom, UnbornRoom } from "./rooms/says.ts";
export { LazyStepRoom, StepRoom } from "./rooms/steps.ts";
export * from "./rooms/timers.ts";

export default {
  fetch(): Response {
    return new Response("Not found", { status: 404 });
  },
};
