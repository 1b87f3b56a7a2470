// The strokes, on a canvas that fits the window and is as sharp as the screen.
import { HEIGHT, type Point, WIDTH } from "../contract.ts";
import { inkOf, night } from "./colour.ts";
import { byId } from "./dom.ts";

export type Stroke = { by: string; points: readonly Point[] };

/** How opaque is what the room does not have yet. */
const DRAFT = 0.45;

const element = byId("drawing", HTMLCanvasElement);
const hint = byId("hint", HTMLElement);

export class Drawing {
  readonly #context = element.getContext("2d")!;
  #strokes: Stroke[] = [];
  #drafts = new Set<Stroke>();

  constructor() {
    new ResizeObserver(() => this.#fit()).observe(element);
    night.addEventListener("change", () => this.#paint());
  }

  /** Adds a stroke that the room has kept. */
  add(stroke: Stroke): void {
    this.#strokes.push(stroke);
    this.#line(stroke, 1);
    this.#tell();
  }

  /** Shows a piece of a line that you are drawing. */
  sketch(from: Point, to: Point): void {
    this.#line({ by: "", points: [from, to] }, DRAFT);
    hint.hidden = true;
  }

  /** Adds one of yours that the room does not have yet. */
  draft(points: readonly Point[]): { arrived(): void } {
    const stroke: Stroke = { by: "", points };
    this.#drafts.add(stroke);
    this.#line(stroke, DRAFT);
    this.#tell();
    return {
      arrived: () => {
        this.#drafts.delete(stroke);
        this.#paint();
      },
    };
  }

  clear(): void {
    this.#strokes = [];
    this.#paint();
    this.#tell();
  }

  #fit(): void {
    const scale = devicePixelRatio;
    element.width = Math.round(element.clientWidth * scale);
    element.height = Math.round(element.clientHeight * scale);
    this.#paint();
  }

  #paint(): void {
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, element.width, element.height);
    this.#context.scale(element.width / WIDTH, element.height / HEIGHT);
    for (const stroke of this.#strokes) this.#line(stroke, 1);
    for (const stroke of this.#drafts) this.#line(stroke, DRAFT);
  }

  /** A line through the middles between points, which are its corners: it has none. */
  #line({ by, points }: Stroke, alpha: number): void {
    const context = this.#context;
    context.lineWidth = 5;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.globalAlpha = alpha;
    context.strokeStyle = by === "" ? (night.matches ? "#fff" : "#000") : inkOf(by);
    context.beginPath();
    const [[x, y] = [0, 0], ...rest] = points;
    context.moveTo(x, y);
    let [fromX, fromY] = [x, y];
    for (const [toX, toY] of rest) {
      context.quadraticCurveTo(fromX, fromY, (fromX + toX) / 2, (fromY + toY) / 2);
      [fromX, fromY] = [toX, toY];
    }
    context.lineTo(fromX, fromY);
    context.stroke();
  }

  #tell(): void {
    const count = this.#strokes.length;
    hint.hidden = count + this.#drafts.size > 0;
    element.ariaLabel = count === 0 ? "An empty drawing" : `A drawing of ${count} strokes`;
  }
}
