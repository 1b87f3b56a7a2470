/** The compatibility date against what the Worker's classes need of the runtime. */

import { addFlag, replaceText } from "./config-edits.ts";
import type { Environment } from "./environment.ts";
import { offsetOf, pathOf } from "./environment.ts";
import type { Problem } from "./finding.ts";
import { placedAt } from "./placed.ts";
import { calledName, contains } from "./syntax.ts";
import type { Worker } from "./worker.ts";

/** When the runtime changed, and the flags that turn the change on and off by hand. */
const RPC = { since: "2024-04-03", on: ["rpc"], off: "no_rpc" } as const;
const ALARM_DELETED = {
  since: "2026-02-24",
  on: ["delete_all_deletes_alarm"],
  off: "delete_all_preserves_alarm",
} as const;
const ASYNC_HOOKS = {
  since: "2026-08-04",
  on: ["nodejs_compat", "nodejs_compat_v2", "nodejs_als"],
  off: "no_nodejs_compat",
} as const;

type Change = typeof RPC | typeof ALARM_DELETED | typeof ASYNC_HOOKS;

/** `compatibility-date` and `node-async-hooks`. */
export function checkCompatibility(worker: Worker): Problem[] {
  const { environment } = worker;
  const { date } = environment;
  // Without one the tools choose a new one, and a deploy asks for it; what is no date is refused in plain words.
  if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) return [];

  const lacking = [
    ...(needsRpc(worker) && lacks(environment, RPC) ? [RPC] : []),
    ...(needsAlarmDeleted(worker) && lacks(environment, ALARM_DELETED) ? [ALARM_DELETED] : []),
  ];
  const hooks = usesGreenroom(worker) && lacks(environment, ASYNC_HOOKS);
  if (lacking.some(({ since }) => date < since)) {
    return [oldDate(environment, date, lacking, hooks)];
  }
  return hooks ? [noAsyncHooks(environment, date)] : [];
}

function oldDate(
  environment: Environment,
  date: string,
  lacking: readonly Change[],
  hooks: boolean,
): Problem {
  const all: readonly Change[] = hooks ? [...lacking, ASYNC_HOOKS] : lacking;
  const target =
    all
      .map(({ since }) => since)
      .toSorted()
      .at(-1) ?? date;
  const { config, name } = environment;
  const node = placedAt(config.root, ...pathOf(config, name, "compatibility_date"));
  return {
    rule: "compatibility-date",
    file: config.file,
    at: node?.start ?? 0,
    message: `compatibility_date is "${date}", too old for ${inWords(all.map(gain))}.`,
    advice: `Set it to "${target}" or later.`,
    edits: replaceText(config, node, target),
    safe: true,
  };
}

function noAsyncHooks(environment: Environment, date: string): Problem {
  const { config, name } = environment;
  const node = placedAt(config.root, ...pathOf(config, name, "compatibility_date"));
  return {
    rule: "node-async-hooks",
    file: config.file,
    at: node?.start ?? offsetOf(environment, "compatibility_date"),
    message: `compatibility_date is "${date}" and no flag turns node:async_hooks on.`,
    advice: `Add the flag "nodejs_als", or set the date to "${ASYNC_HOOKS.since}" or later.`,
    edits: addFlag(environment, "nodejs_als"),
    safe: true,
  };
}

/** What a change brought. */
function gain(change: Change): string {
  if (change === RPC) return `RPC, by which rooms are started (${RPC.since})`;
  if (change === ALARM_DELETED)
    return `a deleteAll() that deletes the alarm as well (${ALARM_DELETED.since})`;
  return `node:async_hooks without a flag (${ASYNC_HOOKS.since})`;
}

function inWords(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

function lacks({ date, flags }: Environment, { since, on, off }: Change): boolean {
  if (on.some((flag) => flags.includes(flag))) return false;
  return (date !== undefined && date < since) || flags.includes(off);
}

/**
 * A class that extends the platform's or a framework's is made to be called; the oldest form is not. Without
 * the code, only a class with SQL is known to be of the newer form.
 */
function needsRpc({ environment, program }: Worker): boolean {
  if (!program)
    return [...environment.classes.values()].some(({ backend }) => backend === "sqlite");
  return program.classes.some(
    ({ kind, node }) =>
      (kind === "object" && node.superClass !== null) || kind === "server" || kind === "room",
  );
}

/** Rooms purge themselves; another class needs it when it clears its storage and trusts the alarm to go too. */
function needsAlarmDeleted({ program }: Worker): boolean {
  return (program?.classes ?? []).some(({ kind, node }) => {
    if (kind === "room") return true;
    if (kind !== "object" && kind !== "server") return false;
    const calls = (name: string): boolean => contains(node, (inner) => calledName(inner) === name);
    return calls("deleteAll") && calls("setAlarm") && !calls("deleteAlarm");
  });
}

function usesGreenroom({ program }: Worker): boolean {
  return [...(program?.code.modules.values() ?? [])].some(({ requests }) =>
    requests.includes("@greenroom/server"),
  );
}
