// The load generator, in a process of its own: runs one plan, tells what came of it, and ends.
import { loadDialect } from "./dialect.ts";
import { connectsLoad } from "./loads/connects.ts";
import { loopLoad } from "./loads/loop.ts";
import { presenceLoad } from "./loads/presence.ts";
import { resumeLoad } from "./loads/resume.ts";
import type { Outcome, Plan, Report } from "./plan.ts";

function run(plan: Plan, measured: (at: "begin" | "end") => void): Promise<Outcome> {
  const dialect = loadDialect(plan.dialect);
  switch (plan.kind) {
    case "loop":
      return loopLoad(plan, dialect, measured);
    case "connects":
      return connectsLoad(plan, dialect, measured);
    case "resume":
      return resumeLoad(plan, measured);
    default:
      return presenceLoad(plan, measured);
  }
}

function report(what: Report): void {
  process.send?.(what);
}

process.once("disconnect", () => process.exit(1)); // whoever asked for it is gone
process.once("message", (plan: Plan) => {
  void (async () => {
    const result = await run(plan, (at) => report({ at })).then(
      (outcome): Report => ({ outcome }),
      (fault: Error): Report => ({ fault: fault.message }),
    );
    process.send?.(result, () => process.exit(0));
  })();
});
