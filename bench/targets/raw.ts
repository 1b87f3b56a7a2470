import type { Target } from "../target.ts";

export const target: Target = {
  name: "raw",
  about: "a hand-written hibernating object: upsert, setAlarm, broadcast",
  dialect: "plain",
  room: "Raw",
  special: {
    crowd: {},
    memory: {},
    presence: { room: "RawNoStore" },
    resume: { room: "RawLog" },
    wake: { room: "RawLog", fills: true },
  },
};
