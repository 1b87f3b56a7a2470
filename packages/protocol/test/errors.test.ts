import { describe, expect, test } from "vitest";

import {
  ERRORS,
  isWireCode,
  misuse,
  MISUSES,
  OWN_ERRORS,
  ownError,
  RoomError,
  type WireCode,
} from "../src/index.ts";

describe("errors", () => {
  test("[C3] [S5] every code of the wire says what happened and what to do", () => {
    for (const [code, [message, hint]] of Object.entries(ERRORS)) {
      expect(isWireCode(code)).toBe(true);
      expect(message).toMatch(/^[A-Z].*\.$/);
      expect(hint).toMatch(/^[A-Z].*\.$/);
      const error = new RoomError(code as WireCode);
      expect(error.message).toBe(`${message} ${hint} (${error.url})`);
      expect(error.url).toMatch(new RegExp(`#${code}$`));
    }
  });

  test("[S5] what a client's own side fails with says both, and never travels", () => {
    for (const [code, [message, hint]] of Object.entries(OWN_ERRORS)) {
      expect(isWireCode(code)).toBe(false);
      const error = ownError(code as keyof typeof OWN_ERRORS);
      expect(error).toMatchObject({ code, hint });
      expect(error.message).toBe(`${message} ${hint} (${error.url})`);
    }
    expect(ownError("token", { message: "It is late." }).message).toMatch(/^It is late\. Return/);
  });

  test("[K3] every mistake says what happened and what to do, and never travels", () => {
    for (const [code, [message, hint]] of Object.entries(MISUSES)) {
      expect(isWireCode(code)).toBe(false);
      const error = misuse(code as keyof typeof MISUSES, message);
      expect(error).toMatchObject({ code, hint });
      expect(hint).toMatch(/^[A-Z].*\.$/);
      expect(error.message).toBe(`${message} ${hint} (${error.url})`);
    }
  });

  test("[F4] names of every object are no codes", () => {
    for (const code of ["constructor", "__proto__", "toString", "", 7, null, undefined]) {
      expect(isWireCode(code)).toBe(false);
    }
  });

  test("[S5] an error carries what the room said, and what its caller found", () => {
    const cause = new Error("beneath");
    const issues = [{ message: "too long", path: "text" }];
    const error = new RoomError("limited", {
      message: "Forty messages in a second.",
      hint: "Wait.",
      id: "i",
      reason: "r",
      issues,
      retryAfter: 7,
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "RoomError", code: "limited", hint: "Wait.", id: "i" });
    expect(error).toMatchObject({ reason: "r", issues, retryAfter: 7, cause });
    expect(error.message).toBe(`Forty messages in a second. Wait. (${error.url})`);
    expect(new RoomError("failed").issues).toEqual([]);
  });
});
