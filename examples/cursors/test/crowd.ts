// A crowd of members that move in circles, from one process of Node.
import { connect } from "@greenroom/client";
import { presence } from "@greenroom/client/presence";

import { canvas, HEIGHT, WIDTH } from "../contract.ts";

/** Twenty times a second. */
const PACE = 50;

export function crowdOf(count: number, host: string, room: string): { close(): void } {
  const rooms = Array.from({ length: count }, () =>
    connect(canvas, { host, room, use: [presence] }),
  );
  let turn = 0;
  const moving = setInterval(() => {
    turn += 0.06;
    for (const [index, { presence }] of rooms.entries()) {
      const angle = turn + index * 2.4; // the golden angle: nobody is on top of another
      const radius = 60 + index * 7;
      const at: [number, number] = [
        Math.round(WIDTH / 2 + radius * Math.cos(angle)),
        Math.round(HEIGHT / 2 + radius * Math.sin(angle)),
      ];
      presence.set({ name: `Guest ${index + 1}`, at, isDown: false });
    }
  }, PACE);
  return {
    close() {
      clearInterval(moving);
      for (const room of rooms) room.close();
    },
  };
}
