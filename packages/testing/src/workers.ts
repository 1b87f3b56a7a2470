/** What you test your own rooms with, inside of workerd: for suites of Cloudflare's vitest plugin. */

// A room, its clients, and time.
export { testRoom } from "./test-room.ts";
export type {
  Inside,
  Stored,
  TestConnectOptions,
  TestRoom,
  TestRoomOptions,
  TestSocketOptions,
} from "./test-room.ts";
export type { Came, ClientWaits, TestClient } from "./test-client.ts";
export type { RawSocket } from "./raw-socket.ts";
export type { AlarmOutcome } from "./alarm.ts";
export { time } from "./time.ts";
export type { AdvanceOptions, Rang, Ringing, VirtualTime } from "./time.ts";

// What goes wrong between them.
export type { Fetcher, Network } from "./network.ts";
export type { Bound, FaultRates, FrameFault, FramePlace, HappenedFault } from "./frame-faults.ts";
export { seeded } from "./seeded.ts";
export type { Chance } from "./seeded.ts";

// Suites and simulations.
export { evictionSuite } from "./eviction-suite.ts";
export type { EvictionSuiteOptions, Interruption, Stage } from "./eviction-suite.ts";
export { simulate } from "./simulate.ts";
export type { SimulatedRoom, SimulateOptions, Simulation } from "./simulate.ts";
export type { FaultyRoom, SimulatedFaults } from "./simulated-faults.ts";
export type { KeyReaders } from "./chaos-options.ts";
export { judge } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";

// What a room may cost.
export { expectCost } from "./expect-cost.ts";
export type { CostExpectation, CostSource, RowsBySql, Spent } from "./expect-cost.ts";
