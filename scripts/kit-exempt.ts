// The tests in workerd that need the platform's own tools, and why the kit is not for them.
import type { Exemption } from "./kit.ts";

export const EXEMPT: readonly Exemption[] = [
  {
    path: "packages/server/test/lifecycle.test.ts",
    titles: ["rings when a test tool", "is left alone when a test tool"],
    why: "runDurableObjectAlarm of the plugin is what they are about: it rings a room before its time.",
  },
];
