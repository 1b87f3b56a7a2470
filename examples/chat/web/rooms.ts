// Which room the page shows: the URL says it (`/?room=lobby`), so that a room is a link that can be
// shared, and going to another room is plain navigation. The rooms that were visited are remembered.
import { byId, make } from "./dom.ts";

const FIRST = ["lobby", "rehearsal", "afterparty"];
const MOST = 12;

/** The room of the URL; the lobby where it names none, or one that cannot be. */
export function roomOfPage(): string {
  const name = new URLSearchParams(location.search).get("room")?.trim().toWellFormed() ?? "";
  const possible = name.length > 0 && name.length <= 128 && name !== "." && name !== "..";
  return possible ? name : "lobby";
}

/** Shows the rooms, the current one marked, and remembers it. */
export function showRooms(current: string): void {
  const visited = remembered().filter((name) => name !== current && !FIRST.includes(name));
  const others = FIRST.includes(current) ? visited : [current, ...visited];
  localStorage.setItem("rooms", JSON.stringify(others.slice(0, MOST)));

  document.title = `${current} · Greenroom`;
  byId("room-name", HTMLHeadingElement).textContent = current;
  byId("rooms", HTMLUListElement).replaceChildren(
    ...[...FIRST, ...others].map((name) => {
      const link = make("a", "room", name);
      link.href = `?${new URLSearchParams({ room: name }).toString()}`;
      if (name === current) link.setAttribute("aria-current", "page");
      const item = make("li", "");
      item.append(link);
      return item;
    }),
  );
}

/** The button that copies the room's link; a page without TLS may not write to the clipboard. */
export function offerLink(): void {
  const button = byId("share", HTMLButtonElement);
  button.hidden = !("clipboard" in navigator);
  button.addEventListener("click", () => {
    const said = navigator.clipboard.writeText(location.href).then(
      () => "Link copied",
      () => "Copy it from the address bar",
    );
    void said.then((text) => (button.textContent = text));
  });
}

function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem("rooms") ?? "[]");
    return Array.isArray(kept) ? kept.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // somebody else wrote it; it is only a convenience
  }
}
