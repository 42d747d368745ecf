/** Builders of histories: times in seconds, one pool unit unless said, tenant `a`. */
import { runId } from '../../../src/core/model/run.ts';
import type { PastRun } from '../../../src/core/replay/past-run.ts';
import { type HistoryInput, ReplayedHistory } from '../../../src/core/replay/replayed-history.ts';
import { aPool, aPriority } from '../../builders/admission.ts';

export const S = 1_000;

/** @param times in seconds: held since, started (null: never), finished */
export function aPastRun(
  id: string,
  times: readonly [number, number | null, number],
  parts: Partial<Omit<PastRun, 'id'>> = {},
): PastRun {
  const [held, started, finished] = times;
  return {
    id: runId(id),
    project: 'shop',
    tenant: 'a',
    contentHash: 'build',
    priority: 'normal',
    requests: { runs: 1 },
    timeoutMs: null,
    heldSinceMs: held * S,
    startedAtMs: started === null ? null : started * S,
    finishedAtMs: finished * S,
    outcome: 'succeeded',
    ...parts,
  };
}

export const FIRST = { p50Ms: 60 * S, p90Ms: 300 * S };

/** A window of 200 seconds and one slot, unless said otherwise. */
export function aHistory(past: readonly PastRun[], parts: Partial<HistoryInput> = {}): ReplayedHistory {
  return new ReplayedHistory({
    window: { fromMs: 0, toMs: 200 * S },
    past,
    earlier: [],
    rules: { pools: [aPool('runs', 1)], priorities: [aPriority('normal')], tenants: [], maxGrants: 2 },
    firstEstimate: FIRST,
    limits: { moments: 10, steps: 4, named: 10, groups: 10 },
    ...parts,
  });
}
