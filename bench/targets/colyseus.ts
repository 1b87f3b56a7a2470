import type { Target } from "../target.ts";

export const target: Target = {
  name: "colyseus",
  about: "Colyseus, in memory",
  dialect: "colyseus",
  peer: "colyseus",
  special: {
    crowd: {},
    memory: {},
    presence: {},
    wake: {},
  },
};
