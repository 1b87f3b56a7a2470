// Who is here: one line a person, however many windows they have open.
import type { Person } from "@greenroom/client/presence";

import type { Shown } from "../contract.ts";
import { hueOf } from "./colour.ts";
import { byId, make } from "./dom.ts";

const list = byId("people", HTMLUListElement);

export function showPeople(people: readonly Person<Shown>[]): void {
  // Who has just come has not shown anything yet.
  const named = people.flatMap(({ id, presence, isSelf }) =>
    presence ? [{ id, isSelf, ...presence }] : [],
  );
  list.replaceChildren(
    ...named.map(({ id, name, isSelf }) => {
      const item = make("li", "", name);
      item.style.setProperty("--hue", String(hueOf(id)));
      if (isSelf) item.append(make("span", "", "you"));
      return item;
    }),
  );
}
