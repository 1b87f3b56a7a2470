import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom",
  about: "a contract room with its log",
  dialect: "greenroom",
  room: "Greenroom",
  special: {
    crowd: {},
    memory: {},
    presence: { room: "GreenroomPresence", dialect: "greenroom-presence" },
    resume: {},
    wake: { room: "GreenroomLong" },
  },
};
