/**
 * Who is in a room, and what has changed of that since it was last told. Pure data: what it keeps
 * of profile and presence is JSON text, so that telling it to a thousand costs no more than joining.
 */

/** One member, with what is shown of it. */
export interface Present {
  readonly id: string;
  /** The public id of its person. */
  readonly person: string;
  /** When it came, in ms since 1970. */
  readonly came: number;
  /** When it last showed something, or came, in ms since 1970. */
  readonly at: number;
  /** JSON. */
  readonly profile: string;
  /** JSON; `undefined` until it has shown something. */
  readonly presence?: string;
}

/** The members that are told as being in a room. */
export class Crowd {
  readonly #here = new Map<string, Present>();
  readonly #changes = new Map<string, "joined" | "changed" | "left">();

  get size(): number {
    return this.#here.size;
  }

  ids(): string[] {
    return [...this.#here.keys()];
  }

  get(id: string): Present | undefined {
    return this.#here.get(id);
  }

  /** Takes a member in, or what is new of it; says whether anything is. */
  put(present: Present): boolean {
    const { id, person, profile, presence } = present;
    const before = this.#here.get(id);
    this.#here.set(id, present);
    if (before?.person !== person || before.profile !== profile) this.#changes.set(id, "joined");
    else if (before.presence === presence) return false;
    else if (!this.#changes.has(id)) this.#changes.set(id, "changed");
    return true;
  }

  /** Takes a member out. */
  remove(id: string): void {
    if (this.#here.delete(id)) this.#changes.set(id, "left");
  }

  /** Everything so far is told: by nobody, because it was known before. */
  settle(): void {
    this.#changes.clear();
  }

  /** The item that tells everybody to one member. */
  state(hold: number): string {
    return `["p","state",${[hold, ...[...this.#here.values()].map(entryOf)].join(",")}]`;
  }

  /** The item that tells what has changed since the last one, and of whom alone, if of one. */
  takeDiff(): { readonly item: string; readonly sole: string | undefined } | undefined {
    if (this.#changes.size === 0) return undefined;
    const lists = { joined: [] as string[], changed: [] as string[], left: [] as string[] };
    for (const [id, change] of this.#changes) {
      const present = this.#here.get(id);
      if (!present) lists.left.push(JSON.stringify(id));
      else if (change === "changed") lists.changed.push(`["${id}",${present.presence}]`);
      else lists.joined.push(entryOf(present));
    }
    const parts = Object.entries(lists)
      .filter(([, list]) => list.length > 0)
      .map(([name, list]) => `"${name}":[${list.join(",")}]`);
    const [only] = this.#changes.keys();
    const sole = this.#changes.size === 1 ? only : undefined;
    this.#changes.clear();
    return { item: `["p","diff",{${parts.join(",")}}]`, sole };
  }
}

/** A member as it travels: `PresenceEntry`. Ids are base64url, or JSON text would not be enough. */
function entryOf({ id, person, at, profile, presence }: Present): string {
  const parts = [JSON.stringify(id), JSON.stringify(person), at, profile];
  return `[${(presence === undefined ? parts : [...parts, presence]).join(",")}]`;
}
