import type { Target } from "../target.ts";

export const target: Target = {
  name: "raw-nostore",
  about: "the same without storage: the platform's limit",
  dialect: "plain",
  room: "RawNoStore",
  special: { crowd: {} },
};
