/** Chance that can be replayed: everything that a seed draws, it draws again. */

/** Numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws of one seed. */
export class Draw {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** A whole number from 0 to `below - 1`. */
  int(below: number): number {
    return Math.floor(this.random() * below);
  }

  pick<T>(from: readonly T[]): T {
    // SAFETY: no caller draws from an empty list.
    return from[this.int(from.length)] as T;
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.int(most + 1) }, make);
  }

  text(): string {
    return this.list(6, () => this.pick(CHARACTERS)).join("");
  }

  /** Any JSON value, hostile keys and numbers included. */
  json(depth = 3): unknown {
    const kind = this.int(depth > 0 ? 8 : 6);
    if (kind === 0) return null;
    if (kind === 1) return this.random() < 0.5;
    if (kind === 2) return this.pick(NUMBERS);
    if (kind < 5) return this.pick(WORDS);
    if (kind === 5) return this.text();
    if (kind === 6) return this.list(4, () => this.json(depth - 1));
    // `JSON.parse` makes own properties, also of `__proto__`.
    const members = this.list(4, () => {
      const key = this.random() < 0.5 ? this.pick(WORDS) : this.text();
      return `${JSON.stringify(key)}:${JSON.stringify(this.json(depth - 1))}`;
    });
    return JSON.parse(`{${members.join(",")}}`);
  }
}

const CHARACTERS = [
  "a",
  "Z",
  "_",
  "-",
  "\u00e4",
  "\u20ac",
  "\u{1f331}",
  "\ud800",
  '"',
  "\\",
  "\n",
  "\0",
  ",",
];
const NUMBERS = [0, -0, 1, -1, 2.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e308, 17];
const WORDS = [
  "w",
  "n",
  "e",
  "a",
  "v",
  "x",
  "q",
  "m",
  "c",
  "r",
  "f",
  "s",
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "toJSON",
  "then",
  "code",
  "issues",
  "invalid",
  "joined",
  "length",
];
