/** The graces of the room that the browser tests use, in ms. */
export const GRACES = { grace: 3_000, deployGrace: 6_000 };
