// The page takes over from what a server rendered.
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";

import { Page } from "./page.tsx";
import { act, at, pass, setTheStage, welcoming } from "./stage.tsx";

setTheStage();

test("[V10] a page takes over what the server rendered, and then connects", async () => {
  const server = welcoming();
  const page = <Page {...at(server)} />;
  const container = document.createElement("div");
  document.body.append(container);
  container.innerHTML = renderToString(page);
  // A difference would be an error on the console, which fails the test.
  const root = await act(async () => hydrateRoot(container, page));
  await pass();
  expect(container.textContent).toBe("connected none 0 false 0 false false");
  expect(server.peers.length).toBe(1);
  await act(async () => root.unmount());
});
