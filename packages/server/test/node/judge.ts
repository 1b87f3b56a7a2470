// The verdict on a world: whether anything was lost, doubled, reordered or told wrongly. Pure.
import { OUTCOMES_KEPT } from "@greenroom/protocol";

/** One message or call of a client, and what it was told. */
export interface Sent {
  readonly key: string;
  state: "waiting" | "taken" | "rejected" | "abandoned";
  code?: string;
}

/** How a world ended, everybody being back and everything delivered. */
export interface Ending {
  readonly clients: readonly {
    readonly sent: readonly Sent[];
    readonly seen: readonly string[];
    readonly from: number;
    readonly attendance: { view(): Record<string, string>; readonly presence: { get(): unknown } };
    readonly session: { readonly id: string | undefined };
  }[];
  /** What each member shows, as the room has it. */
  readonly present: Readonly<Record<string, string>>;
  /** The log of the last epoch. */
  readonly durable: readonly string[];
  /** What the handlers wrote to SQL of their own. */
  readonly noted: readonly string[];
  /** How often each key stood in a log, over all epochs. */
  readonly done: ReadonlyMap<string, number>;
  readonly purges: number;
  readonly sleeps: number;
  /** Whether the room has dropped marks of sessions. */
  readonly hasDropped: boolean;
  /** Whether its clients can go over a limit of the room. */
  readonly isLimited: boolean;
}

/** Whether the handler of a message uses SQL of its own: some do, now and then. */
export function isNoted(key: string): boolean {
  const [name, n] = key.split(" ");
  return name !== "later" && Number(n) % 7 === 0;
}

/** Throws with the first thing that is wrong. */
export function judge(ending: Ending): void {
  const { clients, durable, noted } = ending;
  const logged = durable.filter(isNoted);
  if (noted.join() !== logged.join()) fail(`SQL has [${noted.join()}], the log [${logged.join()}]`);
  for (const client of clients) judgeView(client, ending.present);
  for (const { sent, seen, from } of clients) {
    if (seen.join() !== durable.slice(from).join())
      fail(`a client has ${from}+[${seen.join()}], the log [${durable.join()}]`);
    sent.forEach((each, at) => judgeSent(each, ending, sent.slice(at + 1)));
    const said = sent.filter(({ state }) => state === "taken").map(({ key }) => key);
    const order = durable.filter((key) => said.includes(key));
    const asked = said.filter((key) => order.includes(key));
    if (order.join() !== asked.join())
      fail(`said [${asked.join()}], carried out [${order.join()}]`);
  }
}

/** The dust having settled, everybody sees what the room has, and the room has what each has set. */
function judgeView(
  { attendance, session }: Ending["clients"][number],
  present: Ending["present"],
): void {
  const sorted = (view: object): string =>
    JSON.stringify(Object.entries(view).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const view = attendance.view();
  if (sorted(view) !== sorted(present))
    fail(`${session.id} sees ${sorted(view)}, the room has ${sorted(present)}`);
  const own = attendance.presence.get();
  const kept = present[session.id ?? ""];
  if (own !== undefined && kept !== JSON.stringify(own))
    fail(`${session.id} shows ${JSON.stringify(own)}, the room has ${kept}`);
}

/** Whether so many outcomes follow that the room has dropped those before them. */
function areTooMany(later: readonly Sent[]): boolean {
  return later.filter(({ key }) => /^(ask|refused|broken)/.test(key)).length >= OUTCOMES_KEPT;
}

function judgeSent(
  { key, state, code }: Sent,
  { done, purges, sleeps, isLimited, hasDropped }: Ending,
  later: readonly Sent[],
): void {
  const times = done.get(key) ?? 0;
  if (state === "waiting") fail(`${key} was never answered`);
  // A client that never heard of an epoch sends again to the next life of the room: once in each.
  if (times > 1 + purges) fail(`${key} was carried out ${times} times`);
  if (state === "taken" && times === 0) fail(`${key} was taken and is lost`);
  if (state === "taken" && /^(refused|broken)/.test(key)) fail(`${key} was taken`);
  if (state !== "rejected") return; // an abandoned one may have been carried out, once
  const expected = key.startsWith("refused")
    ? "refused"
    : key.startsWith("broken")
      ? "failed"
      : "outcome-unknown";
  // A rejection that sleep took before it was durable is told again as "failed".
  const isOver = code === "limited" && isLimited;
  const isForgotten = (expected === "refused" || isLimited) && code === "failed" && sleeps > 0;
  // Of a session the newest 32 outcomes are kept; where it is limited, nobody knows how many it had.
  const isUnknown =
    code === "outcome-unknown" && (purges > 0 || isLimited || hasDropped || areTooMany(later));
  if (code !== expected && !isForgotten && !isUnknown && !isOver)
    fail(`${key} was rejected as ${code}`);
  if (expected === "outcome-unknown" && !isUnknown && !isOver && !isForgotten)
    fail(`${key} is unknown without a reason`);
  // What was carried out before a purge may come again in the next life, and be refused there.
  if (code !== "outcome-unknown" && times > (isOver ? purges : 0))
    fail(`${key} was rejected and carried out`);
}

function fail(what: string): never {
  throw new Error(what);
}
