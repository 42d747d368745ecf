/** The part of the oracle about time: estimates are whole milliseconds, at least 1; and expected ends. */
import type { ActiveRun } from '../../../src/core/model/snapshot.ts';

export function p50Of(run: Pick<ActiveRun, 'estimate'>): number {
  return Math.max(1, Math.round(run.estimate.p50Ms));
}

export function p90Of(run: Pick<ActiveRun, 'estimate'>): number {
  return Math.max(1, Math.round(run.estimate.p90Ms));
}

export function expectedEnd(
  run: Pick<ActiveRun, 'sinceMs' | 'estimate' | 'timeoutMs'>,
  nowMs: number,
): number {
  let lengthMs = p50Of(run);
  while (run.sinceMs + lengthMs <= nowMs) {
    lengthMs *= 2;
  }
  const timedOutAtMs = run.timeoutMs === null ? Number.POSITIVE_INFINITY : run.sinceMs + run.timeoutMs;
  return Math.max(Math.min(run.sinceMs + lengthMs, timedOutAtMs), nowMs + 1);
}
