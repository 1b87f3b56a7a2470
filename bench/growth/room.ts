/** One room that grows, as the curves reach it: its members, its bill, and its server's work. */
import { loadDialect } from "../dialect.ts";
import { until } from "../loads/stretch.ts";
import { joinAll, Member } from "../member.ts";
import { cpuOf } from "../server.ts";
import type { Workerd } from "../workerd.ts";

const TEXT = "twenty characters ok";
const OPENING = 20;
/** How long anything here may take, in ms. */
const SLOWEST = 60_000;

/** Rows and alarms since the room woke. */
export interface Bill {
  readonly rowsRead: number;
  readonly rowsWritten: number;
  readonly alarms: number;
}

/** One room. */
export class GrownRoom {
  readonly members: Member[] = [];
  readonly #server: Workerd;
  readonly #name: string;
  readonly #class: string;
  /** Entries that have reached all members together. */
  #deliveries = 0;
  /** Why a member is not there any more; everything here fails then. */
  #broken: string | undefined;
  /** What the newest member was sent until it was in, in bytes. */
  greeting = 0;

  constructor(server: Workerd, name: string, className: string = "Grown") {
    this.#server = server;
    this.#name = name;
    this.#class = className;
  }

  /** So many members more. */
  async join(count: number): Promise<void> {
    const first = this.members.length;
    const joined = await joinAll(count, OPENING, (index) => this.#join(first + index));
    this.members.push(...joined);
  }

  /** A member that comes as somebody who was there before, or as a stranger. */
  async visit(protocols: readonly string[] = []): Promise<void> {
    (await this.#join(1_000_000, protocols)).leave();
  }

  /** The newest so many members leave. */
  leave(count: number): void {
    for (const member of this.members.splice(-count)) member.leave();
  }

  /** The first member says so many things, one after the other; each reaches everybody. */
  async say(messages: number): Promise<void> {
    const [first] = this.members as [Member];
    for (let n = 0; n < messages; n++) {
      const due = this.#deliveries + this.members.length;
      first.say(TEXT);
      const isDone = (): boolean => first.acknowledged >= first.sent && this.#deliveries >= due;
      await until(() => isDone() || this.#broken !== undefined, SLOWEST);
      if (this.#broken !== undefined) throw new Error(`a member was sent away, ${this.#broken}`);
      if (!isDone()) throw new Error(`the room ${this.#name} has not answered`);
    }
  }

  /** Asks the room itself to do something, or for its bill. */
  async ask<Answer>(what: Readonly<Record<string, number | string>>): Promise<Answer> {
    const query = new URLSearchParams(
      Object.entries(what).map(([name, value]) => [name, String(value)]),
    );
    const response = await fetch(
      new URL(`/${this.#class}/${this.#name}?${query.toString()}`, this.#server.url),
    );
    if (!response.ok) throw new Error(`${this.#name}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  /** What the room is billed for something: rows read, rows written with alarms. */
  async billOf(run: () => Promise<void>): Promise<{ read: number; written: number }> {
    const before = await this.ask<Bill>({});
    await run();
    const after = await this.ask<Bill>({});
    return {
      read: after.rowsRead - before.rowsRead,
      written: after.rowsWritten + after.alarms - before.rowsWritten - before.alarms,
    };
  }

  /** Puts the room to sleep; its members stay. */
  sleep(): Promise<void> {
    return this.#server.sleep(this.#class, this.#name);
  }

  /** Ends every connection. */
  end(): void {
    this.leave(this.members.length);
  }

  async #join(index: number, protocols: readonly string[] = []): Promise<Member> {
    const dialect = await loadDialect("greenroom");
    return Member.join({
      dialect,
      url: new URL(`/${this.#class}/${this.#name}`, this.#server.url.origin.replace("http", "ws")),
      index,
      protocols,
      frame: (member, bytes, from, to) => {
        dialect.scan(bytes, from, to, member);
        this.#deliveries += 1; // what is said here is said alone: a frame an entry
      },
      joined: (_member, frame) => {
        this.greeting = frame.length;
      },
      closed: (_member, why) => void (this.#broken ??= why),
    });
  }
}

/** The server's processor time for something, in microseconds. */
export async function workOf(server: Workerd, run: () => Promise<unknown>): Promise<number> {
  const before = cpuOf(server) ?? 0;
  await run();
  return ((cpuOf(server) ?? 0) - before) * 1e6;
}

/** How long something takes, in ms. */
export async function timeOf(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

/** The middle of several tries: what else the machine does disturbs it least. */
export async function middleOf(tries: number, run: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let n = 0; n < tries; n++) values.push(await run());
  return middle(values);
}

export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
