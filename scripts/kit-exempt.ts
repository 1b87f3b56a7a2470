// The tests in workerd that need the platform's own tools, and why the kit is not for them.
import type { Exemption } from "./kit.ts";

export const EXEMPT: readonly Exemption[] = [
  {
    path: "packages/server/test/lifecycle.test.ts",
    titles: ["rings when a test tool", "is left alone when a test tool"],
    why: "runDurableObjectAlarm of the plugin is what they are about: it rings a room before its time.",
  },
  {
    path: "packages/server/test/route.test.ts",
    titles: ["[A2] headers that would tell"],
    why: "a namespace of the test stands in for the room: what it is asked is what the Worker passes on.",
  },
  {
    path: "packages/server/test/weaknesses.test.ts",
    titles: ["[A27] a request reaches the room as it came"],
    why: "as above: a room would see a copy of the request, and not whether it was copied.",
  },
  {
    path: "packages/server/test/hooks.test.ts",
    titles: ["[A6] an object that was not addressed by name"],
    why: "a test room has a name.",
  },
  {
    path: "packages/server/test/moved-poll.test.ts",
    titles: ["[R8] [A24] a name that partyserver has percent-encoded"],
    why: "the route that it imports gets a stub itself: the route is what is tested.",
  },
  {
    path: "packages/testing/test/misuse.test.ts",
    titles: ["fake timers beside virtual time"],
    why: "that the kit refuses them is what it is about.",
  },
];
