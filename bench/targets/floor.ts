import type { Target } from "../target.ts";

export const target: Target = {
  name: "floor",
  about:
    "the least that a durable room in bursts costs the platform: one row, one frame, no checks",
  dialect: "greenroom",
  room: "Floor",
  special: { crowd: {}, memory: {} },
};
