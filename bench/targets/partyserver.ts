import type { Target } from "../target.ts";

export const target: Target = {
  name: "partyserver",
  about: "partyserver's Server: upsert, setAlarm, broadcast",
  dialect: "plain",
  room: "Party",
  special: {
    crowd: {},
    memory: {},
    presence: { room: "PartyNoStore" },
    resume: { room: "PartyLog" },
    wake: { room: "PartyLog", fills: true },
  },
};
