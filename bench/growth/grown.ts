/** One cost along one curve, as it is told and committed. */
import type { Order, Point } from "./order.ts";

export interface Grown {
  readonly curve: string;
  readonly measure: string;
  readonly unit: string;
  readonly counts: string;
  readonly order: Order;
  readonly allowed: Order;
  readonly because: string | null;
  readonly ok: boolean;
  readonly base: number;
  readonly rate: number;
  readonly points: readonly Point[];
}
