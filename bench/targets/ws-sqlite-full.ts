import type { Target } from "../target.ts";

export const target: Target = {
  name: "ws-sqlite-full",
  about: "ws and SQLite, by hand; each message on the disk (synchronous = FULL)",
  dialect: "plain",
  peer: "ws-sqlite",
  options: ["FULL"],
  special: {
    resume: { options: ["FULL", "log"] },
    wake: { options: ["FULL", "log"] },
  },
};
