// Your own pointer over the canvas, in the canvas's own measure, and the lines that it draws.
import { HEIGHT, MOST_POINTS, type Point, WIDTH } from "../contract.ts";
import { byId } from "./dom.ts";

/** Points closer than this to the one before are left out. */
const NEAR = 4;

export type PenListener = {
  moved(at: Point | null, isDown: boolean): void;
  /** A line goes on. */
  drawing(from: Point, to: Point): void;
  drew(points: Point[]): void;
};

export function onPen({ moved, drawing, drew }: PenListener): void {
  const board = byId("board", HTMLElement);
  let line: Point[] | undefined;

  const finish = (): void => {
    if (line) drew(line);
    line = undefined;
  };

  board.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    line = [placeOf(event, board)];
    moved(line[0]!, true);
  });
  board.addEventListener("pointermove", (event) => {
    const at = placeOf(event, board);
    if (line) {
      const last = line.at(-1)!;
      if (Math.hypot(at[0] - last[0], at[1] - last[1]) >= NEAR) {
        line.push(at);
        drawing(last, at);
      }
      if (line.length === MOST_POINTS) {
        finish();
        line = [at]; // a long line goes on as another
      }
    }
    moved(at, line !== undefined);
  });
  board.addEventListener("pointerup", (event) => {
    finish();
    moved(placeOf(event, board), false);
  });
  board.addEventListener("pointercancel", () => {
    finish();
    moved(null, false);
  });
  board.addEventListener("pointerleave", () => moved(null, false));
}

function placeOf(event: PointerEvent, board: HTMLElement): Point {
  const { left, top, width, height } = board.getBoundingClientRect();
  return [
    within(((event.clientX - left) / width) * WIDTH, WIDTH),
    within(((event.clientY - top) / height) * HEIGHT, HEIGHT),
  ];
}

function within(value: number, most: number): number {
  return Math.round(Math.max(0, Math.min(most, value)));
}
