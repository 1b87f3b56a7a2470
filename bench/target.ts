/** What is measured: a target is one file in `targets/`. */

/** How a client of a target speaks: one file in `dialects/`. */
export type DialectName = "plain" | "greenroom";

/** A Durable Object class of `worker.ts`. More kinds of hosts come with the peers that run in Node. */
export interface Target {
  readonly name: string;
  /** One line for `--list`. */
  readonly about: string;
  readonly dialect: DialectName;
  /** The class in `worker.ts`; `<room>Counted` is the same class with its writes counted. */
  readonly room: string;
}
