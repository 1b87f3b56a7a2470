import type { Target } from "../target.ts";

export const target: Target = {
  name: "greenroom-raw-lazy",
  about: 'the room without a contract, with rearm: "lazy"',
  dialect: "plain",
  room: "GreenroomRawLazy",
};
