// What memory has done in a soak, and how much it may. Pure.
import { type Measured, type Sample, type Slope, slope } from "./memory.ts";
import type { Pace } from "./pace.ts";

/** What memory has done. */
export interface Growth {
  /** MB an hour, after the warm-up: the median slope between two samples. */
  readonly slope: number;
  /** The same in KB for each room that has lived and expired, and the interval that holds it with 95 % confidence. */
  readonly perLife: number;
  readonly low: number | null;
  readonly high: number | null;
  /** The most that `perLife` may be; `null` where a run is too short to tell. */
  readonly bound: number | null;
  readonly least: number;
  readonly most: number;
}

/** A run, as far as memory is concerned. */
export interface Span {
  readonly seconds: number;
  readonly lives: number;
  readonly pace: Pace;
}

/**
 * The most that memory may grow, in KB for each room that has lived. workerd itself keeps about 30 KB
 * of every object that ever was, as `--control` shows with one that is written by hand, and the
 * JavaScript of each half-open connection for as long as the network says that it is there.
 */
export const BOUNDS: Readonly<Record<Measured, number>> = Object.freeze({
  workerd: 66,
  rooms: 3,
  clients: 6,
});
/** In tides, where nothing is half-open. */
const BOUNDS_AT_REST: Readonly<Record<Measured, number>> = Object.freeze({ ...BOUNDS, rooms: 1 });
/** Seconds after a start that do not count: so long a heap grows to its size. A run must be three times as long to tell a slope. */
export const WARMUP = 240;

/** In tides: the rests that do not count, and how many there must be behind them to tell. */
const FIRST_RESTS = 3;
const RESTS = 4;
/** workerd takes an object out of memory 10 s after its last event. */
const ASLEEP = 10_000;

/** What one measure has done in a run. */
export function growthOf(
  samples: readonly Sample[],
  of: Measured,
  { seconds, lives, pace }: Span,
): Growth {
  // While the run is coming to its end there are fewer clients.
  const during = samples.filter(({ at }) => at <= seconds);
  const values = during.map((sample) => sample[of]).filter((value) => !Number.isNaN(value));
  const range = { least: Math.min(...values), most: Math.max(...values) };
  const livesAnHour = (lives * 3_600) / seconds;
  if (pace.rest !== null) {
    const rests = restsOf(samples);
    const isTelling = of !== "workerd" && isWhole(pace) && rests.length >= RESTS;
    const found = slope(rests, of, 0, "lives");
    return {
      ...told(found, 1_024, livesAnHour),
      bound: isTelling ? BOUNDS_AT_REST[of] : null,
      ...range,
    };
  }
  const isLong = seconds >= 3 * WARMUP;
  const found = slope(during, of, isLong ? WARMUP : 0);
  const kb = (1_024 * 3_600) / livesAnHour;
  return { ...told(found, kb, livesAnHour), bound: isLong ? BOUNDS[of] : null, ...range };
}

/** Whether it is not sure that it has grown beyond its bound: the interval begins below that. */
export function isWithin({ low, bound }: Growth): boolean {
  return bound === null || low === null || low <= bound;
}

/** What to say of one that is not. */
export function grownTooMuch(
  what: string,
  { perLife, low, high, bound, slope: grown }: Growth,
): string {
  return `memory of ${what} grows by ${perLife} KB for each room that lives (${low} to ${high ?? "more"}), at most ${bound} was expected: ${grown} MB an hour at this pace`;
}

/** What to say of a run in tides that had too few of them. */
export function tooShortToTell(samples: readonly Sample[], { pace }: Span): string[] {
  const missing = RESTS - restsOf(samples).length;
  if (!isWhole(pace) || missing <= 0) return [];
  return [`nothing is told of memory: ${missing} rests more are needed, take more --minutes`];
}

function restsOf(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ atRest }) => atRest).slice(FIRST_RESTS);
}

/** Whether rests are long enough for workerd to take every room out of memory. */
function isWhole({ rest }: Pace): boolean {
  return rest !== null && rest > ASLEEP;
}

/** A slope in KB for each life, of which there are so many an hour. */
function told(
  { slope: grown, low, high }: Slope,
  kb: number,
  livesAnHour: number,
): Pick<Growth, "slope" | "perLife" | "low" | "high"> {
  return {
    slope: tenth((grown * kb * livesAnHour) / 1_024),
    perLife: hundredth(grown * kb),
    low: Number.isFinite(low) ? hundredth(low * kb) : null,
    high: Number.isFinite(high) ? hundredth(high * kb) : null,
  };
}

function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
