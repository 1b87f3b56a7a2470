import { type Contract, contract, RoomError } from "@greenroom/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";

import { type ConnectOptions, DEFAULTS, settingsOf } from "../src/options.ts";
import { hanging } from "./fake-server.ts";

const { WebSocket } = hanging();
const base: ConnectOptions = { room: "lobby", host: "localhost:1", WebSocket };
const chat = contract({ name: "chat" });

afterEach(() => {
  vi.unstubAllGlobals();
});

function errorOf(options: ConnectOptions, of: Contract = chat): RoomError {
  try {
    settingsOf(of, options);
  } catch (error) {
    if (error instanceof RoomError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the options of connect", () => {
  test("[N2] the contract's name is the kind, unless another is chosen", () => {
    expect(settingsOf(chat, base).url).toBe("ws://localhost:1/rooms/chat/lobby");
    expect(settingsOf(chat, { ...base, kind: "talk" }).url).toBe(
      "ws://localhost:1/rooms/talk/lobby",
    );
    expect(errorOf(base, contract({}))).toMatchObject({ code: "bad-option" });
  });

  test("[D4] [D5] [D7] [D8] what is left out has its default", () => {
    expect(settingsOf(chat, base)).toMatchObject(DEFAULTS);
    expect(settingsOf(chat, { ...base, silence: 9000, outbox: 5 })).toMatchObject({
      ...DEFAULTS,
      silence: 9000,
      outbox: 5,
    });
  });

  test.each([0, -1, NaN])("[D4] a duration of %j is refused", (value) => {
    const error = errorOf({ ...base, tokenTimeout: value });
    expect(error.code).toBe("bad-option");
    expect(error.message).toContain("tokenTimeout");
  });

  test("[D14] a session token that cannot be one is refused and not repeated", () => {
    const error = errorOf({ ...base, session: "my secret" });
    expect(error.code).toBe("bad-option");
    expect(error.message).not.toContain("my secret");
  });

  test("[D1] a runtime without WebSocket is told what to do", () => {
    vi.stubGlobal("WebSocket", undefined);
    const error = errorOf({ room: "lobby", host: "localhost:1" });
    expect(error).toMatchObject({ code: "bad-option" });
    expect(error.message).toContain("`WebSocket`");
    expect(settingsOf(chat, base).WebSocket).toBe(WebSocket);
  });
});
