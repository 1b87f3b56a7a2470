// The pointers of others. What comes twenty times a second, or less often over a slow network, is
// shown as often as the screen can: a pointer glides to where its person was last.
import type { PresentMember } from "@greenroom/client/presence";

import { HEIGHT, type Point, type Shown, WIDTH } from "../contract.ts";
import { hueOf, inkOf } from "./colour.ts";
import { byId, make } from "./dom.ts";

/** The shortest and the longest time, in ms, in which a pointer comes half the way. */
const QUICK = 25;
const SLOW = 150;

const layer = byId("cursors", HTMLElement);
const board = byId("board", HTMLElement);
const SVG = "http://www.w3.org/2000/svg";

type Pointer = {
  element: HTMLElement;
  label: HTMLElement;
  trail: SVGPolylineElement;
  /** Where it was drawn since its pen came down; the stroke itself comes when it is done. */
  line: string[];
  at: [x: number, y: number];
  goal: Point;
};

export class Pointers {
  readonly #pointers = new Map<string, Pointer>();
  readonly #trails = layer.appendChild(document.createElementNS(SVG, "svg"));
  #frame = 0;
  #last = 0;
  /** When something came last, and how long that takes as a rule. */
  #cameAt = 0;
  #pace = QUICK;

  constructor() {
    this.#trails.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  }

  /** Shows these and no others. */
  show(members: readonly PresentMember<Shown>[]): void {
    const now = performance.now();
    this.#pace += (now - this.#cameAt - this.#pace) / 8;
    this.#pace = Math.max(QUICK, Math.min(SLOW, this.#pace));
    this.#cameAt = now;
    const gone = new Set(this.#pointers.keys());
    for (const { id, presence } of members) {
      if (!presence?.at) continue;
      gone.delete(id);
      const pointer = this.#pointers.get(id) ?? this.#add(id, presence.at);
      pointer.goal = presence.at;
      if (pointer.label.textContent !== presence.name) pointer.label.textContent = presence.name;
      // The name stands on the side where there is room for it.
      const [x, y] = presence.at;
      const side = `${y > HEIGHT * 0.9 ? "above" : "below"} ${x > WIDTH / 2 ? "before" : "behind"}`;
      if (pointer.label.className !== side) pointer.label.className = side;
      if (presence.isDown) pointer.line.push(presence.at.join());
      const trail = pointer.line.join(" ");
      if (pointer.trail.getAttribute("points") !== trail) {
        pointer.trail.setAttribute("points", trail);
      }
    }
    for (const id of gone) this.#remove(id);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#glide);
  }

  /** A stroke has come: what stood for it goes. */
  drawn(id: string): void {
    const pointer = this.#pointers.get(id);
    if (pointer) pointer.line = [];
  }

  #add(id: string, at: Point): Pointer {
    const element = make("div", "cursor");
    element.style.setProperty("--hue", String(hueOf(id)));
    const arrow = document.createElementNS(SVG, "svg");
    arrow.setAttribute("viewBox", "0 0 20 24");
    arrow.append(document.createElementNS(SVG, "path"));
    arrow.firstElementChild?.setAttribute("d", "M2 2l5 19 4-7 8-1z");
    const label = make("span", "");
    element.append(arrow, label);
    layer.append(element);
    const trail = this.#trails.appendChild(document.createElementNS(SVG, "polyline"));
    trail.setAttribute("stroke", inkOf(id));
    const pointer: Pointer = { element, label, trail, line: [], at: [...at], goal: at };
    this.#pointers.set(id, pointer);
    return pointer;
  }

  #remove(id: string): void {
    const pointer = this.#pointers.get(id);
    pointer?.element.remove();
    pointer?.trail.remove();
    this.#pointers.delete(id);
  }

  readonly #glide = (now: number): void => {
    const since = Math.min(100, now - this.#last);
    this.#last = now;
    const left = 0.5 ** (since / this.#pace);
    const [wide, high] = [board.clientWidth / WIDTH, board.clientHeight / HEIGHT];
    let isMoving = false;
    for (const { element, at, goal } of this.#pointers.values()) {
      at[0] = goal[0] + (at[0] - goal[0]) * left;
      at[1] = goal[1] + (at[1] - goal[1]) * left;
      isMoving ||= Math.abs(at[0] - goal[0]) + Math.abs(at[1] - goal[1]) > 0.5;
      element.style.translate = `${at[0] * wide}px ${at[1] * high}px`;
    }
    this.#frame = isMoving ? requestAnimationFrame(this.#glide) : 0;
  };
}
