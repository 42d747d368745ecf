/**
 * What a run is, in every layer: its identity, what it asks for, and its states.
 *
 * Always true: a run's state only moves forward through `RUN_STATES`, with one
 * exception made by engines: a start that provably never took effect leaves it held.
 */
export type RunId = string & { readonly brand: 'RunId' };

export function runId(text: string): RunId {
  return text as RunId;
}

export const OUTCOMES = ['succeeded', 'failed', 'timed-out', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const RUN_STATES = ['held', 'starting', 'running', ...OUTCOMES] as const;
export type RunState = (typeof RUN_STATES)[number];

export function isFinished(state: RunState): state is Outcome {
  return (OUTCOMES as readonly string[]).includes(state);
}

/** Units of each pool that a run occupies while it runs: pool name -> whole number >= 1. */
export type Requests = Readonly<Record<string, number>>;

/** The pool every run asks one unit of: the cap on everything. */
export const RUNS_POOL = 'runs';

/** Measured resources of one run: CPU of all its processes, peak of their summed resident memory. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
}

/** How long a run is expected to occupy its pools, frozen when a snapshot is taken. Milliseconds. */
export interface Estimate {
  readonly p50Ms: number;
  readonly p90Ms: number;
}
