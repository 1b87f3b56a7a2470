import { describe, expect, test } from "vitest";

import {
  type Hello,
  helloProtocols,
  isSessionToken,
  parseOffer,
  SUBPROTOCOL,
  VERSION,
} from "../src/index.ts";
import { Draw } from "./seeded.ts";

const SESSION = "a-session-token-1";
const HELLOS: Hello[] = [
  { session: SESSION, epoch: null, seq: null },
  { session: SESSION, epoch: null, seq: 0 },
  { session: SESSION, epoch: "E_-9", seq: Number.MAX_SAFE_INTEGER },
  { session: "x".repeat(64), epoch: "x".repeat(32), seq: 7 },
  { session: SESSION, epoch: "E", seq: 7, dial: [2 ** 32 - 1, 12] },
  { session: SESSION, epoch: null, seq: null, dial: [1, 1], fresh: true },
];

const base64Url = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const offer = (hello: unknown): string => `greenroom.1, greenroom.hello.${base64Url(hello)}`;

describe("the hello", () => {
  test.each(HELLOS)("[H1] %j is read as it was written", (hello) => {
    for (const token of ["secret", "\u{1f511} \u00e4,; \n", "x".repeat(8000)]) {
      expect(parseOffer(helloProtocols(hello, token).join(", "))).toEqual({
        supported: true,
        greenroom: true,
        hello,
        token,
      });
    }
  });

  test("[H1] it offers the version, and is made of what a subprotocol may be made of", () => {
    const protocols = helloProtocols({ session: SESSION, epoch: "E", seq: 7 }, "\u{1f511}\u00ff?>");
    expect(protocols[0]).toBe(SUBPROTOCOL);
    expect(SUBPROTOCOL).toBe(`greenroom.${VERSION}`);
    for (const protocol of protocols) expect(protocol).toMatch(/^[\w.-]+$/);
    expect(new Set(protocols).size).toBe(protocols.length);
  });

  test.each([undefined, null, ""])("[H1] %j as a token is none", (token) => {
    const protocols = helloProtocols({ session: SESSION, epoch: null, seq: null }, token);
    expect(protocols).toHaveLength(2);
    expect(parseOffer(protocols.join())).not.toHaveProperty("token");
  });

  test.each<[string, unknown]>([
    ["no JSON", "nonsense"],
    ["no list", { session: SESSION }],
    ["an empty list", []],
    ["a short token", ["short", null, null]],
    ["a long token", ["x".repeat(65), null, null]],
    ["a token of other letters", ["a session token \u00e4\u00f6", null, null]],
    ["a token that is no text", [7, null, null]],
    ["an epoch that is none", [SESSION, "", 1]],
    ["an epoch that is too long", [SESSION, "x".repeat(33), 1]],
    ["an epoch that is no text", [SESSION, 7, 1]],
    ["no epoch", [SESSION]],
    ["a seq below 0", [SESSION, "E", -1]],
    ["a broken seq", [SESSION, "E", 1.5]],
    ["a seq beyond counting", [SESSION, "E", 2 ** 53]],
    ["a seq that is no number", [SESSION, "E", "1"]],
    ["a life without a dial", [SESSION, "E", 1, 7]],
    ["a dial that is no number", [SESSION, "E", 1, 7, "1"]],
    ["a life that is no number", [SESSION, "E", 1, "7", 1]],
  ])("[H2] %s is a hello that cannot be read", (_, hello) => {
    expect(parseOffer(offer(hello))).toEqual({ supported: true, greenroom: true, malformed: true });
  });

  test("[H2] bytes that are no UTF-8, and letters that are no base64url, cannot be read", () => {
    expect(parseOffer("greenroom.1, greenroom.hello._____w")).toMatchObject({ malformed: true });
    expect(parseOffer("greenroom.1, greenroom.hello.a!b")).toMatchObject({ malformed: true });
    expect(parseOffer("greenroom.1, greenroom.auth.a!b")).not.toHaveProperty("token");
  });

  test("[H2] another version is not supported, and is one of ours", () => {
    expect(parseOffer("greenroom.2, chat")).toEqual({ supported: false, greenroom: true });
    expect(parseOffer("greenroom.1, greenroom.2")).toMatchObject({ supported: true });
  });

  test.each([null, "", "chat", "chat, graphql-ws"])("[H3] %j is no hello of ours", (header) => {
    expect(parseOffer(header)).toEqual({ supported: false, greenroom: false });
  });

  test("[H3] a connection may leave the hello out", () => {
    expect(parseOffer("greenroom.1")).toEqual({ supported: true, greenroom: true });
  });

  test("[H2] no header makes it throw, by seed", () => {
    for (let seed = 1; seed <= 3000; seed++) {
      const draw = new Draw(seed);
      const part = (): string =>
        draw.pick([
          SUBPROTOCOL,
          "greenroom.hello.",
          "greenroom.auth.",
          base64Url(draw.json()),
          base64Url([SESSION, "E", draw.json(1)]),
          draw.text(),
          ",",
          " ",
        ]);
      const header = draw.list(8, part).join("");
      const { hello, malformed } = parseOffer(header);
      expect(hello === undefined || malformed === undefined, `seed ${seed}: ${header}`).toBe(true);
      if (hello) expect(isSessionToken(hello.session), `seed ${seed}`).toBe(true);
    }
  });
});
