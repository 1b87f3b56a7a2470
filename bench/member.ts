/** One connection of the load generator: it dials, joins as its dialect says, and hands on frames. */
import type { Dialect, Speaker } from "./dialect.ts";
import { LoadSocket } from "./socket.ts";

/** How long a newcomer may wait until it is in, in ms. */
const SLOWEST_JOIN = 20_000;

/** What a member is given. */
export interface MemberOptions {
  readonly dialect: Dialect;
  /** The room, as `ws://127.0.0.1:<port>/<path>`. */
  readonly url: URL;
  readonly index: number;
  readonly protocols?: readonly string[];
  /** Every frame after the one that let it in. */
  frame(member: Member, bytes: Buffer, from: number, to: number): void;
  /** The frame that let it in, where there was one. */
  joined?(member: Member, frame: Buffer): void;
  /** The room, or the network, has ended the connection. */
  closed(member: Member, why: string): void;
}

/** A connection that is in its room. */
export class Member implements Speaker {
  readonly index: number;
  sent = 0;
  acknowledged = 0;
  /** When its newest message left, in ms. */
  sentAt = 0;
  readonly #options: MemberOptions;
  readonly #socket: LoadSocket;
  #isIn = false;

  /** Dials; resolves when it is in. */
  static async join(options: MemberOptions): Promise<Member> {
    const { dialect, url } = options;
    const address = dialect.address ? await dialect.address(url) : url;
    return new Promise((resolve, reject) => {
      const slow = setTimeout(() => reject(new Error("Nobody let it in.")), SLOWEST_JOIN);
      const member: Member = new Member(options, address, (why) => {
        clearTimeout(slow);
        if (why === undefined) resolve(member);
        else reject(new Error(why));
      });
    });
  }

  private constructor(options: MemberOptions, address: URL, done: (why?: string) => void) {
    this.#options = options;
    this.index = options.index;
    const { dialect, protocols } = options;
    const isIn = (): void => {
      this.#isIn = true;
      done();
    };
    this.#socket = new LoadSocket(
      address,
      {
        opened: () => {
          if (!dialect.join) isIn();
        },
        frame: (bytes, from, to) => {
          if (this.#isIn) {
            options.frame(this, bytes, from, to);
            return;
          }
          const step = dialect.join!(bytes.subarray(from, to));
          if (step.reply !== undefined) this.#socket.send(step.reply);
          if (!step.isIn) return;
          options.joined?.(this, bytes.subarray(from, to));
          isIn();
        },
        closed: (why) => {
          if (this.#isIn) options.closed(this, why);
          else done(why);
        },
      },
      protocols,
    );
  }

  /** Sends its next message. */
  say(text: string): void {
    this.sent += 1;
    this.sentAt = performance.now();
    this.#socket.send(this.#options.dialect.message(this, text));
  }

  /** Sends so many messages in one write. */
  sayMany(text: string, count: number): void {
    this.sentAt = performance.now();
    this.#socket.send(
      ...Array.from({ length: count }, () => {
        this.sent += 1;
        return this.#options.dialect.message(this, text);
      }),
    );
  }

  /** Sends what is no message of its dialect. */
  write(frame: string | Buffer): void {
    this.#socket.send(frame);
  }

  /** Ends the connection without a word. */
  leave(): void {
    this.#socket.destroy();
  }
}

/** Joins many members, some at a time. */
export async function joinAll(
  count: number,
  atOnce: number,
  join: (index: number) => Promise<Member>,
): Promise<Member[]> {
  const members: Member[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      members[index] = await join(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  return members;
}
