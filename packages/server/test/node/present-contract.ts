// What both ends of presence-killed.node.test.ts import.
import { contract } from "@greenroom/protocol";
import * as v from "valibot";

export const meeting = contract({ name: "meeting", presence: v.object({ name: v.string() }) });

/** How long clients go on showing whom they knew, in ms. */
export const DEPLOY_GRACE = 4_000;
