/** What you test your own Greenroom rooms with. */

// Everything that can go wrong, and the verdict.
export { chaos } from "./chaos.ts";
export type { ChaosOptions, ChaosReport, ChaosServer, KeyReaders } from "./chaos-options.ts";
export type { FaultCounts } from "./fault-plan.ts";

// Its parts, for tests of your own.
export { FaultProxy } from "./fault-proxy.ts";
export { FaultInjector } from "./fault-injector.ts";
export type { InjectorOptions } from "./fault-injector.ts";
export { planFaults } from "./fault-plan.ts";
export type { Fault, PlannedFault } from "./fault-plan.ts";
export { witness } from "./witness-client.ts";
export type { Share, WitnessClient, WitnessOptions } from "./witness-client.ts";
export type { Cut, Link } from "./link.ts";
export { WorkerProcess } from "./worker-process.ts";
export type { WorkerProcessOptions } from "./worker-process.ts";
export { seeded } from "./seeded.ts";
export type { Chance } from "./seeded.ts";

// The verdict alone, for histories that come from elsewhere.
export { judge, sumVerdicts } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
export type {
  ClientHistory,
  HeardEntry,
  HeardResume,
  RoomHistory,
  SentMessage,
} from "./history.ts";

// What a room may cost.
export { expectCost } from "./expect-cost.ts";
export type { CostExpectation, CostSource, RowsBySql, Spent } from "./expect-cost.ts";
