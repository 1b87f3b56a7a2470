/** Greenroom's presence: what a member shows is no message, and is told to everybody in diffs. */
import type { Dialect } from "../dialect.ts";

export const dialect: Dialect = {
  join: () => ({ isIn: true }), // the room speaks first
  message: (_speaker, text) => `["p",{"at":"${text}"}]`,
  scan: () => 0, // nothing is acknowledged
  texts(frame) {
    const items = JSON.parse(frame.toString()) as Item[];
    return items.flatMap(([kind, what, diff]) =>
      kind === "p" && what === "diff" ? (diff.changed ?? []).map(([, { at }]) => at) : [],
    );
  },
};

type Item = [kind: string, what: string, diff: { changed?: [id: string, presence: Shown][] }];
type Shown = { at: string };
