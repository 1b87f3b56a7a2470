// One life of one room: people come, talk, leave and are replaced; the room sleeps in between; then
// it is left alone until it expires, and it is looked at what it has left behind.
import type { ResumeKind } from "@greenroom/client";
import { type Chance, judge, type Verdict, witness, type WitnessClient } from "@greenroom/testing";

import { soakRoom } from "./contract.ts";
import type { Pace } from "./pace.ts";

export interface LifeOptions {
  readonly name: string;
  /** Where clients connect to: the proxy. */
  readonly host: string;
  /** Where the room can be asked without it. */
  readonly url: string;
  readonly pace: Pace;
  readonly chance: Chance;
  readonly people: number;
  /** Whether to come to an end at once. */
  readonly isOver: () => boolean;
  /** Hears of each client that comes. */
  readonly came: (client: WitnessClient) => void;
  /** Everybody is in for the first time. */
  readonly arrived: () => void;
}

export interface Life {
  readonly verdict: Verdict;
  /** It was gone in time. */
  readonly expired: boolean;
  /** It was gone before it was left alone: faults had kept everybody silent for that long. */
  readonly early: boolean;
  /** What it had left behind, after everybody was gone, too; "" for nothing. */
  readonly left: string;
  readonly clients: number;
  readonly resumes: Readonly<Record<ResumeKind, number>>;
  /** Who was not there at the end, in words. */
  readonly away: readonly string[];
  /** The codes of messages that were not taken: each was told to its sender. */
  readonly rejected: readonly string[];
}

/**
 * How long faults may hold up anything, in ms: on a machine that has other things to do, everybody
 * comes back after a kill by many attempts, each with a wait behind it.
 */
const PATIENCE = 300_000;
const LOOK_AGAIN = 50;

export async function live(options: LifeOptions): Promise<Life> {
  const { name, host, url, pace, chance, people, isOver, came, arrived } = options;
  const { kind, dialTimeout, silence } = pace;
  const all: WitnessClient[] = [];
  const here: WitnessClient[] = [];
  let sent = 0;

  const join = (): void => {
    const client = witness({
      contract: soakRoom,
      connect: { host, room: name, kind, dialTimeout, silence },
      send: (room, key) => room.send("put", { key }),
      keys: { put: ({ key }) => key },
    });
    all.push(client);
    here.push(client);
    came(client);
  };
  const replaceOne = async (): Promise<void> => {
    const leaver = chance.one(here);
    here.splice(here.indexOf(leaver), 1);
    join();
    await until(() => isAnswered(leaver), PATIENCE);
    leaver.leave();
  };
  const leaving: Promise<void>[] = [];
  const talk = async (): Promise<void> => {
    const end = performance.now() + chance.whole(...pace.talk);
    while (performance.now() < end && !isOver()) {
      void chance.one(here).sendOne(`${name}.${sent++}`);
      if (chance.next() < pace.churn) leaving.push(replaceOne());
      await sleep(chance.next() * 2 * pace.every);
    }
  };

  /** What the room's table holds; faults that took long may have seen an epoch end before its time. */
  const kept = async (): Promise<readonly string[] | undefined> => {
    type Kept = { readonly epoch: string | null; readonly keys: readonly string[] };
    const { epoch, keys } = await ask<Kept>(`${url}/rooms/${kind}/${name}`);
    const epochs = new Set(all.flatMap(({ heard }) => heard.map((item) => item.epoch)));
    epochs.delete(null);
    return epochs.size === 1 && epochs.has(epoch) ? keys : undefined;
  };

  for (let count = 0; count < people; count++) join();
  try {
    await until(() => here.every(isIn), PATIENCE);
    arrived();
    await talk();
    if (!isOver()) {
      await sleep(chance.whole(...pace.pause));
      await talk();
    }
    await Promise.all(leaving);
    // Or the room has ended already, because faults have kept everybody silent for so long.
    const isSettled = (): boolean =>
      isLevel(here) ||
      (here.some(isGone) && here.every((client) => isIn(client) || isGone(client)));
    await until(() => all.every(isAnswered) && isSettled(), PATIENCE);
    const early = here.some(isGone);
    // Who was told that the room has ended, or had seen nothing of it, is owed nothing of the next epoch.
    if (early) for (const client of here) if (isGone(client) || client.seq === 0) client.leave();
    const verdict = judge({ clients: all, carriedOut: sent > 0 ? await kept() : undefined });
    const away = here.flatMap(whyAway);
    const stored = `${url}/rooms/${kind}/${name}?stored`;
    await sleep(pace.expireAfter);
    const expired = await untilAsync(async () => (await left(stored)) === "", PATIENCE);
    for (const client of all) client.close();
    await sleep(LOOK_AGAIN * 4); // the closes arrive at a room that is gone
    return {
      verdict,
      early,
      expired,
      left: await left(stored),
      clients: all.length,
      away,
      resumes: sumResumes(all),
      rejected: all.flatMap(({ sent }) =>
        sent.flatMap(({ outcome = "never answered" }) => (outcome === "taken" ? [] : [outcome])),
      ),
    };
  } finally {
    for (const client of all) client.close();
  }
}

function isIn({ status }: WitnessClient): boolean {
  return status.state === "connected";
}

function whyAway({ status, seq }: WitnessClient, index: number): string[] {
  if (status.state === "connected") return [];
  return [`client ${index} is away at entry ${seq}: ${JSON.stringify(status)}`];
}

function isGone({ status }: WitnessClient): boolean {
  return status.state === "closed";
}

function isAnswered({ sent }: WitnessClient): boolean {
  return sent.every(({ outcome }) => outcome !== undefined);
}

function isLevel(clients: readonly WitnessClient[]): boolean {
  const head = Math.max(...clients.map(({ seq }) => seq));
  return clients.every((client) => isIn(client) && client.seq === head);
}

function sumResumes(clients: readonly WitnessClient[]): Record<ResumeKind, number> {
  const sum: Record<ResumeKind, number> = { joined: 0, resumed: 0, snapshot: 0, reset: 0 };
  for (const { resumes } of clients) {
    // SAFETY: the keys of an object that was just made of them.
    for (const kind of Object.keys(sum) as ResumeKind[]) sum[kind] += resumes[kind];
  }
  return sum;
}

/** What a room has in storage, in words. */
async function left(url: string): Promise<string> {
  const { tables, keys, alarm } = await ask<Record<"tables" | "keys" | "alarm", number>>(url);
  return tables + keys + alarm === 0 ? "" : `${tables} tables, ${keys} keys, ${alarm} alarms`;
}

/** Asks the room over HTTP, again where the server is just being killed. */
async function ask<Answer>(url: string): Promise<Answer> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      const response = await fetch(url);
      if (response.ok) return (await response.json()) as Answer; // SAFETY: what the Worker writes
      throw new Error(`${url} answered ${response.status} ${await response.text()}`);
    } catch (fault) {
      if (performance.now() > deadline) throw fault;
      await sleep(LOOK_AGAIN * 4);
    }
  }
}

async function until(isSo: () => boolean, patience: number): Promise<boolean> {
  return untilAsync(async () => isSo(), patience);
}

async function untilAsync(isSo: () => Promise<boolean>, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  for (let wait = LOOK_AGAIN; !(await isSo()); wait = Math.min(1_000, wait * 1.5)) {
    if (performance.now() > deadline) return false;
    await sleep(wait);
  }
  return true;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
