/**
 * The presence of one room.
 *
 * It lives in the attachments of sockets, which survive sleep and cost no row. A member that is
 * lost without a goodbye is kept for a grace by one timer row, `$leave/<id>`, which is all that
 * is ever written. Everything else here is a cache, read anew after each wake.
 */
import { closePolicy, type ContractShape, type Fault, validate } from "@greenroom/protocol";

import { byteLength, hashed } from "./accept.ts";
import { Crowd, type Present } from "./crowd.ts";
import type { Extended, ExtensionContext } from "./extension.ts";
import { check } from "./handlers.ts";
import type { Socket } from "./members.ts";
import type { PresenceOptions } from "./presence.ts";

/** What has changed is told at once in a quiet room, and at most once in so many ms in a busy one. */
const FLUSH = 50;
/** Who has so many bytes unread is told less often: everything at once, when it has read them. */
const BEHIND = 64 * 1024;
/** A frame beside what it shows. */
const ENVELOPE = 6;
/** The close code of a connection that a newer one of its session has taken the place of. */
const SUPERSEDED = 4002;
/** What a bare `close()` arrives as. */
const BARE = 1005;

/** What is kept on a connection. */
interface Part extends Omit<Present, "id"> {
  /** When the room woke without a connection, in ms since 1970. */
  readonly since: number;
}

/** Who is in one room, and who is told of it. */
export class RoomPresence<S extends Socket> implements Extended<S> {
  readonly #context: ExtensionContext<S>;
  readonly #options: Required<PresenceOptions>;
  #crowd: Crowd | undefined;
  /** When the room woke without a connection, in ms since 1970. */
  #since = 0;
  #isScheduled = false;
  /** Those whose grace runs. */
  readonly #waiting = new Set<string>();
  /** Those who read more slowly than the room tells. */
  #behind: ReadonlySet<S> = new Set();
  /** In ms since 1970. */
  #flushedAt = 0;

  constructor(context: ExtensionContext<S>, options: Required<PresenceOptions>) {
    this.#context = context;
    this.#options = options;
  }

  async entering(socket: S, older: readonly S[]): Promise<void> {
    const { members, secret, shape } = this.#context;
    const crowd = this.#wake();
    const id = members.idOf(socket);
    const user = this.#context.userOf(socket);
    const profile = this.#context.profileOf(id);
    check("The profile of a member", shape.profile, profile);
    const person = user === undefined ? id : await hashed(JSON.stringify([user, secret]));
    if (socket.readyState !== 1) return; // superseded meanwhile: its successor has taken over
    // From here on the newer connection stands for the member, whatever is heard of an older one.
    for (const other of older) if (this.#partOf(other)) this.#context.keep(other, undefined);
    const before = crowd.get(id);
    // Who comes back as somebody else begins anew.
    const known = before?.person === person ? before : undefined;
    const now = this.#context.now();
    const part: Part = {
      person,
      profile: JSON.stringify(profile ?? null),
      came: known?.came ?? now,
      at: known?.at ?? now,
      since: this.#since,
    };
    this.#context.keep(socket, part);
    if (known?.presence === undefined) return;
    try {
      this.#context.keep(socket, { ...part, presence: known.presence });
    } catch {
      // It does not fit any more, beside what the room keeps now: that comes first. The client shows it again, and is told.
    }
  }

  turnedAway(id: string): void {
    // Its older connection, if there was one, has made room for it.
    if (this.#wake().get(id) && !this.#context.members.of(id)) this.#lose(id, false);
  }

  admitted(socket: S): string {
    const part = this.#partOf(socket);
    if (!part) return "";
    const id = this.#context.members.idOf(socket);
    const crowd = this.#wake();
    this.#cancel(id);
    if (crowd.put(presentOf(id, part))) this.#tellSoon();
    return this.#state();
  }

  left(socket: S, code: number): void {
    const part = this.#partOf(socket);
    // A connection that was superseded says nothing of its member.
    if (!part || code === SUPERSEDED) return;
    const id = this.#context.members.idOf(socket);
    const hasWoken = !this.#crowd;
    const crowd = this.#wake();
    if (!crowd.get(id)) {
      if (!hasWoken) return; // it was never let in
      // The socket whose end has woken the room may not be listed any more.
      crowd.put(presentOf(id, part));
      crowd.settle();
    }
    this.#lose(id, code === BARE || closePolicy(code).do === "stop");
  }

  frame(socket: S, text: string, fault: Fault | undefined): void {
    const part = this.#partOf(socket);
    if (!part || this.#context.members.isPending(socket)) return;
    const shown = fault ?? this.#read(text);
    if (typeof shown !== "string") return refuse(socket, shown);
    if (shown === part.presence) return;
    const crowd = this.#wake(); // as it was before
    const next = { ...part, presence: shown, at: this.#context.now() };
    try {
      this.#context.keep(socket, next);
    } catch {
      // The attachment is full, by the room's own part of it: the sender is told, and it stays as it was.
      return refuse(socket, { code: "too-large" });
    }
    const id = this.#context.members.idOf(socket);
    if (crowd.put(presentOf(id, next))) this.#tellSoon();
  }

  rang(name: string): void {
    const id = name.slice(timerOf("").length);
    const crowd = this.#wake();
    this.#waiting.delete(id);
    // Back, and let in soon: the grace is for the network, not for what the room does meanwhile.
    if (this.#context.members.of(id)) return;
    crowd.remove(id);
    this.#tellSoon();
  }

  shown(socket: S): { readonly presence: unknown; readonly profile: unknown } {
    const { shape } = this.#context;
    const part = this.#partOf(socket);
    const read = (schema: ContractShape["presence"], json: string | undefined): unknown => {
      const value = validate(schema, json === undefined ? undefined : JSON.parse(json));
      return value.ok ? value.value : undefined; // of an older contract
    };
    return {
      presence: part?.presence === undefined ? undefined : read(shape.presence, part.presence),
      profile: read(shape.profile, part?.profile),
    };
  }

  forget(): void {
    this.#crowd = undefined;
  }

  /** Who is here: after a wake, whom sockets and timers tell of. */
  #wake(): Crowd {
    if (this.#crowd) return this.#crowd;
    const { sockets, members, timers, now } = this.#context;
    const crowd = (this.#crowd = new Crowd());
    const found = new Map<string, Present>();
    this.#waiting.clear();
    for (const { name, payload } of timers.pending(timerOf(""))) {
      const id = name.slice(timerOf("").length);
      this.#waiting.add(id);
      found.set(id, presentOf(id, payload as Part)); // SAFETY: what `#lose` has set
    }
    let since: number | undefined;
    for (const socket of sockets()) {
      const part = this.#partOf(socket);
      if (!part) continue;
      const id = members.idOf(socket);
      found.set(id, presentOf(id, part));
      since = Math.max(since ?? 0, part.since);
    }
    // The platform lists sockets in an order of its own.
    for (const each of [...found.values()].toSorted((a, b) => a.came - b.came)) crowd.put(each);
    crowd.settle();
    this.#since = since ?? now();
    return crowd;
  }

  /** A member is gone: at once, or when its grace is over. */
  #lose(id: string, isClean: boolean): void {
    const { timers, now } = this.#context;
    const crowd = this.#wake();
    const present = crowd.get(id);
    // Who was alone is missed by nobody.
    if (present && !isClean && this.#options.grace > 0 && crowd.size > 1) {
      const due = Math.ceil((now() + this.#options.grace) / 1_000) * 1_000;
      this.#waiting.add(id);
      timers.set(timerOf(id), due, present);
      return;
    }
    this.#cancel(id);
    crowd.remove(id);
    this.#tellSoon();
  }

  #cancel(id: string): void {
    if (this.#waiting.delete(id)) this.#context.timers.cancel(timerOf(id));
  }

  /** Who was sent away and does not answer the close is lost like any other. */
  #loseGhosts(open: readonly S[]): void {
    const { members } = this.#context;
    const crowd = this.#wake();
    if (crowd.size <= open.length + this.#waiting.size) return;
    for (const id of crowd.ids()) {
      if (!this.#waiting.has(id) && !members.of(id)) this.#lose(id, false);
    }
  }

  /** What a frame wants to show, as JSON, or what is wrong with it. */
  #read(text: string): string | Fault {
    if (byteLength(text) > this.#context.limits.presence + ENVELOPE) return { code: "too-large" };
    let value: unknown;
    try {
      [, value] = JSON.parse(text) as unknown[];
    } catch {
      return { code: "malformed" };
    }
    try {
      const result = validate(this.#context.shape.presence, value);
      if (!result.ok) return { code: "invalid", issues: result.issues };
      return JSON.stringify(value ?? null);
    } catch (fault) {
      return { code: "failed", id: this.#context.report(fault, "the schema of presence") };
    }
  }

  #tellSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const crowd = this.#crowd;
    const tell = (): void => {
      this.#isScheduled = false;
      if (crowd === this.#crowd) this.#tell();
      else if (this.#crowd) this.#tellSoon(); // purged meanwhile: of the new life, if anything
    };
    const wait = Math.min(this.#flushedAt + FLUSH - this.#context.now(), FLUSH);
    if (wait > 0) this.#context.after(wait, tell);
    else queueMicrotask(tell);
  }

  #tell(): void {
    const open = this.#context.members.all();
    this.#loseGhosts(open);
    const diff = this.#wake().takeDiff();
    if (!diff && this.#behind.size === 0) return;
    const { members, now } = this.#context;
    this.#flushedAt = now();
    const frame = `[${diff?.item}]`;
    const behind = new Set<S>();
    for (const socket of open) {
      if ((socket.bufferedAmount ?? 0) > BEHIND) behind.add(socket);
      else if (this.#behind.has(socket)) socket.send(`[${this.#state()}]`);
      // Who alone has changed knows it already.
      else if (diff && (diff.sole === undefined || members.idOf(socket) !== diff.sole))
        socket.send(frame);
    }
    this.#behind = behind;
    if (behind.size > 0) this.#tellSoon();
  }

  /** The item that tells everybody. */
  #state(): string {
    const hold = this.#since + this.#options.deployGrace - this.#context.now();
    return this.#wake().state(Math.max(0, hold));
  }

  #partOf(socket: S): Part | undefined {
    // SAFETY: nothing else is kept there.
    return this.#context.part(socket) as Part | undefined;
  }
}

function refuse(socket: Socket, fault: Fault): void {
  socket.send(`[["p","fault",${JSON.stringify(fault)}]]`);
}

function timerOf(id: string): string {
  return `$leave/${id}`;
}

function presentOf(id: string, part: Omit<Present, "id">): Present {
  const { person, came, at, profile, presence: shown } = part;
  return { id, person, came, at, profile, ...(shown !== undefined && { presence: shown }) };
}
