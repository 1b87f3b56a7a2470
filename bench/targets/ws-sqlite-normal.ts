import type { Target } from "../target.ts";

export const target: Target = {
  name: "ws-sqlite-normal",
  about: "the same, safe from a crash of the process only (synchronous = NORMAL)",
  dialect: "plain",
  peer: "ws-sqlite",
  options: ["NORMAL"],
  special: {
    crowd: {},
    memory: {},
    presence: { options: ["NORMAL", "nothing"] },
    resume: { options: ["NORMAL", "log"] },
    wake: { options: ["NORMAL", "log"] },
  },
};
