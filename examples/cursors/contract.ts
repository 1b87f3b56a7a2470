// What people on one canvas tell each other: strokes, which are kept, and where their pointers are,
// which is not.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

/** The size of the canvas, whatever the size of the window that shows it. */
export const WIDTH = 1200;
export const HEIGHT = 900;
/** The most points of one stroke; a longer line is several. */
export const MOST_POINTS = 200;

const x = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(WIDTH));
const y = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(HEIGHT));
const point = v.tuple([x, y]);
const points = v.pipe(v.array(point), v.minLength(1), v.maxLength(MOST_POINTS));
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(40));

export const canvas = contract({
  name: "cursors",
  messages: { draw: v.object({ points }), wipe: v.null() },
  events: { drawn: v.object({ by: v.string(), points }), wiped: v.object({ by: v.string() }) },
  // `at` is null while the pointer is elsewhere; `isDown` while it draws.
  presence: v.object({ name, at: v.nullable(point), isDown: v.boolean() }),
});

export type Point = v.InferOutput<typeof point>;
export type Shown = v.InferOutput<typeof canvas.shape.presence>;
