/**
 * What a forecast of a queue says. All instants are milliseconds since the epoch.
 */
import type { RunId } from '../model/run.ts';

export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface RunForecast {
  readonly id: RunId;
  readonly startAtMs: Quantiles;
  readonly finishAtMs: Quantiles;
  /** Share of replications in which it exceeds its own timeout though its waiting was free. */
  readonly timeoutChance: number;
}

export interface TimelinePoint {
  readonly atMs: number;
  readonly running: Quantiles;
  readonly waiting: Quantiles;
}

/** The same runs, the same durations, the same pools, but all let go when they were created. */
export interface WithoutHolding {
  readonly succeeded: Quantiles;
  /** Timed out before they got a slot, and while they had one. */
  readonly timedOutWaiting: Quantiles;
  readonly timedOutRunning: Quantiles;
  /** Slot time that runs held and lost when they were killed. */
  readonly wastedSlotMs: Quantiles;
}

/**
 * What a forecast takes for granted about runs that are not here yet: that none comes; that
 * the launches of enabled policies come as planned; that as many come as usual at this hour
 * of the week; or both.
 */
export const ASSUMPTIONS = [
  'nothing-new-arrives',
  'planned-launches-arrive',
  'arrivals-as-usual',
  'planned-launches-and-arrivals-as-usual',
] as const;
export type Assumption = (typeof ASSUMPTIONS)[number];

export interface QueueForecast {
  readonly madeAtMs: number;
  readonly replications: number;
  readonly seed: number;
  readonly assumption: Assumption;
  /** When the last run of those that are here now has finished, of those that ever can. */
  readonly finishAtMs: Quantiles;
  readonly lastStartAtMs: Quantiles;
  readonly peakRunning: Quantiles;
  /** Runs that exceed their own timeout with holding. */
  readonly timeouts: Quantiles;
  readonly withoutHolding: WithoutHolding;
  /** In the order in which the median replication plans to start them. Held and active runs. */
  readonly runs: readonly RunForecast[];
  readonly timeline: readonly TimelinePoint[];
  /** Held runs that start in no replication, because they never fit, are paused, or their pool is in doubt. */
  readonly neverStart: readonly RunId[];
  readonly evidence: {
    readonly samples: number;
    readonly series: number;
    /** Runs whose own series has fewer than 5 samples: their range is pooled from others. */
    readonly runsWithFewSamples: number;
  };
}
