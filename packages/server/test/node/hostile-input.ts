// Hostile input, from a seed: frames, handshakes and requests. Mostly what is almost right:
// valid frames of every kind, mutated; the rest is garbage of all sizes and depths.

/** A source of chance, 0 to 1. */
export type Chance = () => number;

/** What is learned of others on the way, to be used against them. */
export interface Loot {
  readonly ids: readonly string[];
  readonly epoch: string;
}

export const pick = <T>(chance: Chance, from: readonly T[]): T =>
  from[Math.floor(chance() * from.length)] as T;

const NUMBERS = [0, -1, 1, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 1e308, -0, 1e-7]
  .map(String)
  .concat(["9".repeat(400), "1e999", "-", "0x10", "01", "NaN", '"1"', "null", "[]", "{}"]);
const NAMES = [
  "say",
  "later",
  "echo",
  "said",
  "poke",
  "onConnect",
  "onExpire",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "",
  " ",
  "say\\u0000",
  "\\ud800",
  "s".repeat(5_000),
  "💥",
];
const KINDS = [
  "m",
  "c",
  "r",
  "f",
  "p",
  "b",
  "k",
  "w",
  "e",
  "a",
  "x",
  "n",
  "q",
  "v",
  "__proto__",
  "mm",
  "",
];
const DEEP = 2_000;

const values: readonly ((chance: Chance) => string)[] = [
  () => '{"secret":"a guess","key":"hostile"}',
  () => '{"key":"hostile"}',
  () => '{"__proto__":{"secret":"not for strangers"},"key":"hostile"}',
  () => '{"constructor":{"prototype":{"x":1}},"__proto__":null}',
  () => '{"secret":{"toString":1},"key":{"valueOf":2}}',
  () => "[".repeat(DEEP) + "]".repeat(DEEP),
  () => '{"a":'.repeat(DEEP) + "1" + "}".repeat(DEEP),
  () => '"\\ud800\\udfff\\u0000"',
  () => `"${"x".repeat(70_000)}"`,
  () => `"${"\u{10ffff}".repeat(200)}"`,
  (chance) => pick(chance, NUMBERS),
  () => "true",
  () => '{"at":1}',
  () => '{"at":"1","at":2}',
  () => `{"at":1,"more":"${"y".repeat(3_000)}"}`,
];

/** One frame. */
export function frameBy(chance: Chance, { ids }: Loot): string | Uint8Array {
  const dice = chance();
  if (dice < 0.05) return bytesBy(chance);
  const kind = pick(chance, KINDS);
  const number = chance() < 0.6 ? String(Math.floor(chance() * 60)) : pick(chance, NUMBERS);
  const name = JSON.stringify(
    pick(chance, chance() < 0.5 ? NAMES.slice(0, 3) : [...NAMES, ...ids]),
  );
  const value = pick(chance, values)(chance);
  const valid = pick(chance, [
    `["${kind}",${number},${name},${value}]`,
    `["m",${number},${name},${value}]`,
    `["c",${number},${name},${value}]`,
    `["r",${number},${value}]`,
    `["f",${number},${name}]`,
    `["p",${value}]`,
    `["b",${number},${number},${number}]`,
    `["k",${number}]`,
  ]);
  return dice < 0.6 ? valid : mutated(chance, valid);
}

/** Cuts, doubles, swaps, inserts and flips. */
function mutated(chance: Chance, text: string): string {
  let result = text;
  for (let times = 1 + Math.floor(chance() * 3); times > 0; times--) {
    const at = Math.floor(chance() * result.length);
    const to = at + Math.floor(chance() * 20);
    result = pick(chance, [
      () => result.slice(0, at),
      () => result.slice(at),
      () => result.slice(0, at) + result.slice(to),
      () => result.slice(0, to) + result.slice(at),
      () =>
        result.slice(0, at) +
        pick(chance, ["\u0000", "\ud800", "]", "[", '"', "\\", ",", "1e9", "{}", "\n"]) +
        result.slice(at),
      () => `${result}${result}`,
      () => ` ${result} `,
      () => result.toUpperCase(),
    ])();
  }
  return result;
}

function bytesBy(chance: Chance): Uint8Array {
  const size = Math.floor(chance() ** 3 * 5_000);
  return Uint8Array.from({ length: size }, () => Math.floor(chance() * 256));
}

/** The subprotocols of a handshake: hellos with other people's ids, wrong epochs and seqs, and garbage. */
export function protocolsBy(chance: Chance, { ids, epoch }: Loot): string {
  const session = pick(chance, [
    ...ids,
    "hostile-session-1",
    "a",
    "../../etc/passwd",
    "x".repeat(65),
    7,
    null,
    {},
  ]);
  const hello = [
    session,
    pick(chance, [epoch, null, "wrong-epoch", "", "__proto__", 5]),
    pick(chance, [0, 1, 5, -1, 2 ** 53, 1e300, null, "1", 1.5]),
    ...(chance() < 0.5
      ? [pick(chance, [0, 1, -1, null, "x"]), pick(chance, [1, 2 ** 53, "y"])]
      : []),
  ];
  const encoded = btoa(unescape(encodeURIComponent(JSON.stringify(hello)))).replaceAll("=", "");
  return pick(chance, [
    `greenroom.1, greenroom.hello.${encoded}`,
    `greenroom.1, greenroom.hello.${encoded}, greenroom.hello.${encoded}`,
    `greenroom.1, greenroom.hello.${encoded.slice(0, Math.floor(chance() * encoded.length))}`,
    `greenroom.1, greenroom.auth.${encoded}`,
    `greenroom.hello.${encoded}`,
    "greenroom.1",
    "greenroom.2, greenroom.1",
    "greenroom.9",
    "chat",
    `greenroom.1, greenroom.hello.${"A".repeat(4_000)}`,
  ]);
}

/** A request: its method, path and headers. */
export function requestBy(
  chance: Chance,
  { ids }: Loot,
): { readonly method: string; readonly path: string; readonly headers: Record<string, string> } {
  const name = pick(chance, [
    "besieged",
    "nobody",
    "..%2f..%2fx",
    "%E0%A4%A",
    "%00",
    "a%2Fb",
    "x".repeat(200),
    "%F0%9F%92%A5",
    "__proto__",
    ".",
    "%2e%2e",
    ...ids,
  ]);
  const path = pick(chance, [
    `/rooms/typed/${name}`,
    `/rooms/raw/${name}`,
    `/rooms/constructor/${name}`,
    `/parties/typed/${name}`,
    `/rooms/typed/${name}/more`,
    `/rooms//typed/${name}`,
    "/rooms/typed",
    "/",
    `/rooms/typed/${name}?_pk=admin&stored=no`,
    `/rooms/__proto__/x`,
    `/rooms/typed/${name}?token=secret`,
  ]);
  const headers: Record<string, string> = {};
  if (chance() < 0.4) headers["x-partykit-props"] = pick(chance, ['{"admin":true}', "{{{", ""]);
  if (chance() < 0.4) headers["x-partykit-room"] = pick(chance, ["other", "besieged"]);
  if (chance() < 0.3) headers["x-greenroom-claims"] = '{"sub":"admin"}';
  if (chance() < 0.2) headers["cf-connecting-ip"] = "1".repeat(500);
  if (chance() < 0.2) headers["origin"] = pick(chance, ["null", "http://evil.example", "x"]);
  if (chance() < 0.2) headers["authorization"] = `Bearer ${"z".repeat(2_000)}`;
  if (chance() < 0.2) headers["cookie"] = "session=; __proto__=1; a=%%%";
  const method = pick(chance, ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"]);
  return { method, path, headers };
}
