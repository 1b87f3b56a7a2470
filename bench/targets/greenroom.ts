import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom",
  about: "a contract room with its log",
  dialect: "greenroom",
  room: "Greenroom",
};
