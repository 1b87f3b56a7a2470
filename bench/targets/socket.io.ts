import type { Target } from "../target.ts";

export const target: Target = {
  name: "socket.io",
  about: "Socket.IO, in memory",
  dialect: "socket.io",
  peer: "socket.io",
  special: {
    crowd: {},
    memory: {},
    presence: {},
    resume: { options: ["recovery"] },
    wake: {},
  },
};
