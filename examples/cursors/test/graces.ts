/** The graces of the room that the browser tests use, in ms. */
export const GRACES = { grace: 5_000, deployGrace: 8_000 };
