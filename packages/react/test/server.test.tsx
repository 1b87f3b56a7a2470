// Rendering where there is no page.
// @vitest-environment node
import { renderToString } from "react-dom/server";
import { describe, expect, test, vi } from "vitest";

import { Page } from "./page.tsx";
import { at, FakeServer } from "./stage.tsx";

describe("on a server", () => {
  test("[V10] the first state is rendered, and no socket is opened", async () => {
    expect(typeof window).toBe("undefined");
    vi.useFakeTimers();
    const server = new FakeServer();
    const html = renderToString(<Page {...at(server)} />);
    expect(html).toBe("<p>connecting none 0 false 0 false false</p>");
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.peers).toEqual([]);
    vi.useRealTimers();
  });

  test("[V10] neither a host nor a WebSocket is needed there", () => {
    vi.stubGlobal("WebSocket", undefined);
    const render = (): string => renderToString(<Page room="lobby" />);
    expect(render()).toBe("<p>connecting none 0 false 0 false false</p>");
    vi.unstubAllGlobals();
  });

  test("[V10] two requests share nothing", async () => {
    const asked: string[] = [];
    const server = new FakeServer();
    for (const user of ["ann", "bob"]) {
      const token = (): string => {
        asked.push(user);
        return user;
      };
      renderToString(<Page {...at(server, { token })} />);
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(asked).toEqual([]);
  });
});
