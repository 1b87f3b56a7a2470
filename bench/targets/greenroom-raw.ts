import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom-raw",
  about: "a room without a contract, which broadcasts",
  dialect: "plain",
  room: "GreenroomRaw",
  special: {
    crowd: {},
    memory: {},
    presence: {},
    wake: {},
  },
};
