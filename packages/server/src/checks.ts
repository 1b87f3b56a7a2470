/** What is wrong in a class or in the Worker's configuration, found at the first start. */
import { misuse } from "@greenroom/protocol";

import { hasScopes } from "./scope.ts";

/** What a room needs of the platform, and since which compatibility date it has it. */
const NEEDED = { rpc: "2024-04-03", delete_all_deletes_alarm: "2026-02-24" } as const;

/** Throws a misuse with the line to change: `hibernate-off`, `compatibility-date`, `not-sqlite`. */
export function checkRoom(
  name: string,
  hibernate: boolean | undefined,
  storage: DurableObjectStorage,
): void {
  if (hibernate === false) {
    throw misuse(
      "hibernate-off",
      `${name} sets hibernate: false, and a room sleeps between messages.`,
    );
  }
  checkDate();
  checkSql(name, storage);
}

/** Throws `compatibility-date`; in the Worker, too, where methods are called over RPC. */
export function checkDate(): void {
  // Not in the types: the runtime says there which compatibility flags are on.
  const { Cloudflare } = globalThis as {
    Cloudflare?: { compatibilityFlags?: Record<string, boolean> };
  };
  const flags = Cloudflare?.compatibilityFlags;
  if (!hasScopes) {
    throw misuse(
      "compatibility-date",
      'The Worker has no "node:async_hooks", which it has from 2026-08-04.',
    );
  }
  if (!flags) return;
  for (const [flag, since] of Object.entries(NEEDED)) {
    if (flags[flag] === false) {
      throw misuse(
        "compatibility-date",
        `The compatibility flag "${flag}" is off; it is on by default from ${since}.`,
      );
    }
  }
}

/** Whether a class has SQLite storage. */
export function isSqlite(storage: DurableObjectStorage): boolean {
  try {
    return storage.sql.databaseSize >= 0;
  } catch {
    return false; // its first start says so
  }
}

function checkSql(name: string, storage: DurableObjectStorage): void {
  if (!isSqlite(storage)) {
    throw misuse("not-sqlite", `${name} has no SQLite storage.`, {
      hint: `In the wrangler configuration, write "new_sqlite_classes": ["${name}"]; a class that was deployed needs a new name.`,
    });
  }
}
