/**
 * A queue as it stood at one moment of a schedule: of the one that really happened, or of
 * the one that Penstock would have made.
 *
 * Always true: nothing in it is from after the moment, but for the settings, which are
 * today's.
 */
import type { Estimate } from '../model/run.ts';
import type { ActiveRun, ClassStart, Grant, HeldRun, Snapshot } from '../model/snapshot.ts';
import type { PastRun, Spans } from './past-run.ts';

/** The rules that admission goes by, and the sizes. */
export type Rules = Pick<Snapshot, 'pools' | 'priorities' | 'tenants' | 'maxGrants'>;

export type EstimateOf = (run: PastRun) => Estimate;

export interface Moment {
  readonly atMs: number;
  readonly rules: Rules;
  /** By held since. */
  readonly runs: readonly PastRun[];
  readonly spans: Spans;
  readonly grants: readonly Grant[];
  readonly estimateOf: EstimateOf;
}

export function queueAt({ atMs, rules, runs, spans, grants, estimateOf }: Moment): Snapshot {
  const held: HeldRun[] = [];
  const active: ActiveRun[] = [];
  const classStarts: ClassStart[] = [];
  for (const run of runs) {
    if (run.heldSinceMs > atMs) break;
    const span = spans.get(run.id);
    if (span === undefined ? run.finishedAtMs > atMs : span.startMs > atMs) {
      held.push(asHeld(run, estimateOf));
    } else if (span !== undefined) {
      if (span.endMs > atMs) active.push(asActive(run, span.startMs, estimateOf));
      classStarts.push(classStart(run, span.startMs));
    }
  }
  const waiting = new Set(held.map((run) => run.id));
  return {
    nowMs: atMs,
    paused: false,
    ...rules,
    held,
    active,
    grants: grants.filter((grant) => waiting.has(grant.runId)),
    classStarts,
  };
}

export function asHeld(run: PastRun, estimateOf: EstimateOf): HeldRun {
  const { id, project, tenant, contentHash, priority, requests, heldSinceMs, timeoutMs } = run;
  const estimate = estimateOf(run);
  return { id, project, tenant, contentHash, priority, requests, heldSinceMs, estimate, timeoutMs };
}

export function asActive(run: PastRun, sinceMs: number, estimateOf: EstimateOf): ActiveRun {
  const { id, project, tenant, contentHash, requests, timeoutMs } = run;
  return { id, project, tenant, contentHash, requests, sinceMs, estimate: estimateOf(run), timeoutMs };
}

function classStart({ tenant, priority, requests }: PastRun, atMs: number): ClassStart {
  return { tenant, priority, requests, atMs };
}
