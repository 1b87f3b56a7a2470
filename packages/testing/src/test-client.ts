/** The client that ships, with what a test asks of it: everything that came, and waits for what comes. */
import {
  type AddedBy,
  connect,
  type ConnectOptions,
  type Contract,
  type ContractShape,
  type Extension,
  type Heard,
  type HeardMeta,
  type HeardValue,
  type Moments,
  type RoomClient,
} from "@greenroom/client";

import type { Network } from "./network.ts";
import { nameOfTest, Waits } from "./waits.ts";

/** An event or a signal that came. */
export interface Came {
  readonly name: string;
  readonly value: unknown;
  readonly kind: "event" | "signal";
  /** The place of an event in the log, and the epoch of the log. */
  readonly seq?: number;
  readonly epoch?: string | null;
  /** When an event was published, in ms since 1970. */
  readonly at?: number;
}

/** What a test client has besides a client's own. */
export interface ClientWaits<Shape extends ContractShape> {
  /** What lies between it and the room. */
  readonly network: Network;
  /** Everything that came, in order. */
  readonly came: readonly Came[];
  /** The events and signals of its contract: what can come. */
  readonly names: readonly string[];
  /** The values of one event or signal that came, in order. */
  received<Name extends Heard<Shape>>(name: Name): readonly HeardValue<Shape, Name>[];
  /**
   * The next event or signal of this name that was not taken yet; waits for it, and rejects when the
   * client is closed first. With `accept`, the next that it accepts.
   */
  next<Name extends Heard<Shape>>(
    name: Name,
    accept?: (value: HeardValue<Shape, Name>, meta: HeardMeta<Shape, Name>) => boolean,
  ): Promise<HeardValue<Shape, Name>>;
  /** What was told at the next moment of this name that was not taken yet; waits for it. */
  moment<Moment extends keyof Moments<Shape>>(name: Moment): Promise<Moments<Shape>[Moment]>;
  /** Waits until it has come to this entry of the log. */
  reached(seq: number): Promise<void>;
  /** Waits until the room has let it in, or back in; rejects when it is sent away. */
  connected(): Promise<void>;
  /** Waits until it is closed for good, and tells why. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
}

/** A client of a test room. */
export type TestClient<Shape extends ContractShape = ContractShape> = RoomClient<Shape> &
  ClientWaits<Shape>;

/** Makes a client; it dials at once. */
export function testClient<Shape extends ContractShape, const Use extends readonly Extension[]>(
  contract: Contract<Shape>,
  options: ConnectOptions & { readonly use?: Use },
  network: Network,
  patience?: number,
): TestClient<Shape> & AddedBy<Shape, Use> {
  const waits = new Waits(patience);
  const came: Came[] = [];
  const taken = new Set<object>();
  const moments: { readonly name: string; readonly told: unknown }[] = [];

  const connected = connect(contract, options);
  const room: RoomClient<Shape> = connected;
  const { events = {}, signals = {} } = contract.shape;
  const names = [...Object.keys(events), ...Object.keys(signals)];
  for (const name of names) {
    // SAFETY: the name is one of the contract's.
    room.on(name as never, (value: unknown, meta: Pick<Came, "kind" | "seq" | "at">) => {
      came.push({ name, value, ...meta, ...(meta.kind === "event" && { epoch: room.epoch }) });
      waits.changed();
    });
  }
  for (const name of MOMENTS) {
    room.watch(name, (told: unknown) => {
      moments.push({ name, told });
      waits.changed();
    });
  }

  const test = nameOfTest();
  const why = (): string => {
    const { status } = room;
    if (status.state === "closed") {
      return status.code === OWN_CLOSE
        ? `: by its own test${test}, or the end of that (is everything awaited?)`
        : `: ${status.reason} (${status.code})`;
    }
    if (status.state === "connected") return "";
    if (network.refused > 0) return `, and its last dial has failed (${network.refusal})`;
    return (
      network.lastEnd && `, and its last connection was ended by the room (${network.lastEnd})`
    );
  };
  const state = (): string => {
    const last = came.slice(-5).map(({ name, value }) => `${name} ${JSON.stringify(value)}`);
    return `The client is ${room.status.state}${why()}; what came last: ${last.join(", ") || "nothing"}`;
  };
  const waitFor = <Found>(look: () => Found | undefined, what: string): Promise<Found> =>
    waits.for(look, () => `${state()}. ${what} did not come`);
  /** As `waitFor`, for what comes from the room: where it is closed for good, nothing does. */
  const waitForRoom = async <Found extends object>(
    look: () => Found | undefined,
    what: string,
  ): Promise<Found> => {
    const found = await waitFor(
      () => look() ?? (room.status.state === "closed" ? CLOSED : undefined),
      what,
    );
    if (found === CLOSED) throw new Error(`${state()}. ${what} cannot come any more.`);
    return found as Found; // SAFETY: the other thing that it can be is thrown above
  };

  /** The first that nobody has taken yet: it is then taken. */
  const take = <Thing extends object>(
    things: readonly Thing[],
    isWanted: (thing: Thing) => boolean,
  ): Thing | undefined => {
    const found = things.find((thing) => !taken.has(thing) && isWanted(thing));
    if (found) taken.add(found);
    return found;
  };

  const more: ClientWaits<Shape> = {
    network,
    came,
    names,
    // SAFETY: validated by the schemas from which the types are inferred.
    received: (name) =>
      came.filter((each) => each.name === name).map(({ value }) => value) as never,
    async next(name, accept = () => true) {
      if (!names.includes(name)) {
        const what = `"${contract.shape.name}" has no event or signal "${name}"; it has ${names.join(", ") || "none"}`;
        throw new TypeError(`${what}.`);
      }
      const isNext = (each: Came): boolean =>
        each.name === name && accept(each.value as never, each as never); // SAFETY: as above
      const look = (): Came | undefined => take(came, isNext);
      return (await waitForRoom(look, `The next ${JSON.stringify(name)}`)).value as never; // SAFETY: as above
    },
    async moment(name) {
      if (!(MOMENTS as readonly string[]).includes(name)) {
        throw new TypeError(`There is no moment "${name}"; there are ${MOMENTS.join(", ")}.`);
      }
      const look = (): (typeof moments)[number] | undefined =>
        take(moments, (each) => each.name === name);
      // SAFETY: what its watchers are told.
      return (await waitFor(look, `The moment ${JSON.stringify(name)}`)).told as never;
    },
    async reached(seq) {
      await waitForRoom(() => ((room.seq ?? 0) >= seq ? room : undefined), `Entry ${seq}`);
    },
    async connected() {
      const { status } = room;
      const end = await waitFor(
        () => (STABLE.has(room.status.state) ? room.status : undefined),
        "The connection",
      );
      if (end.state === "closed") {
        const sentAway =
          end.code === OWN_CLOSE
            ? `The client is closed${why()}.`
            : `The client was sent away: ${end.reason} (${end.code}).`;
        throw new Error(`${sentAway} It was ${status.state}.`);
      }
    },
    async closed() {
      const { code, reason } = await waitFor(
        () => (room.status.state === "closed" ? room.status : undefined),
        "The close",
      );
      return { code, reason };
    },
  };
  return Object.assign(connected, more);
}

/** Stands for the end of a client. */
const CLOSED = {};
/** With this code a client is closed by whoever has it. */
const OWN_CLOSE = 1000;
const STABLE: ReadonlySet<string> = new Set(["connected", "closed"]);
const MOMENTS = ["status", "resume", "lost", "restored", "failed", "fault"] as const;
