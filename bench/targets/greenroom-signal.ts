import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom-signal",
  about: "a contract room that signals and keeps no log",
  dialect: "greenroom-signal",
  room: "GreenroomSignal",
  special: {
    presence: {},
  },
};
