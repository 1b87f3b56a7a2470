import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom-lazy",
  about: 'the same with rearm: "lazy"',
  dialect: "greenroom",
  room: "GreenroomLazy",
};
