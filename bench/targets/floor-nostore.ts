import type { Target } from "../target.ts";

export const target: Target = {
  name: "floor-nostore",
  about: "the same without storage",
  dialect: "greenroom",
  room: "FloorNoStore",
};
