/**
 * An event loop that knows nothing of the simulation: it keeps a plain snapshot, rebuilds it
 * after each event, asks `decide`, and does what the answer says.
 */
import { decide } from '../../../src/core/admission/decide.ts';
import type { RunId } from '../../../src/core/model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../../../src/core/model/snapshot.ts';

export interface QueueStory {
  readonly snapshot: Snapshot;
  readonly arrivals: readonly HeldRun[];
  readonly durationMs: ReadonlyMap<RunId, number>;
  readonly startLatencyMs: number;
}

export interface Times {
  readonly startMs: number;
  readonly endMs: number;
}

export function steppedByHand({
  snapshot,
  arrivals,
  durationMs,
  startLatencyMs,
}: QueueStory): Map<RunId, Times> {
  const durationOf = (id: RunId): number => durationMs.get(id) as number;
  const times = new Map<RunId, Times>();
  for (const { id, sinceMs } of snapshot.active) {
    times.set(id, { startMs: sinceMs, endMs: Math.max(snapshot.nowMs, sinceMs + durationOf(id)) });
  }
  let seen = snapshot;
  let coming = arrivals;
  for (let nowMs = snapshot.nowMs; Number.isFinite(nowMs); ) {
    const here = coming.filter((run) => run.heldSinceMs <= nowMs);
    coming = coming.filter((run) => run.heldSinceMs > nowMs);
    seen = {
      ...seen,
      nowMs,
      held: [...seen.held, ...here],
      active: seen.active.filter((run) => (times.get(run.id) as Times).endMs > nowMs),
    };
    const decision = decide(seen);
    const started = decision.starts.map((id) => seen.held.find((run) => run.id === id) as HeldRun);
    for (const { id } of started) {
      times.set(id, { startMs: nowMs, endMs: nowMs + startLatencyMs + durationOf(id) });
    }
    seen = {
      ...seen,
      held: seen.held.filter((run) => !decision.starts.includes(run.id)),
      active: [...seen.active, ...started.map((run) => activeSince(nowMs, run))],
      grants: decision.grants,
      classStarts: [
        ...seen.classStarts,
        ...started.map(({ tenant, priority, requests }) => ({ tenant, priority, requests, atMs: nowMs })),
      ],
    };
    nowMs = Math.min(
      ...seen.active.map((run) => (times.get(run.id) as Times).endMs),
      ...coming.map((run) => run.heldSinceMs),
      decision.reviewAtMs ?? Number.POSITIVE_INFINITY,
    );
  }
  return times;
}

function activeSince(sinceMs: number, run: HeldRun): ActiveRun {
  const { id, project, tenant, contentHash, requests, estimate, timeoutMs } = run;
  return { id, project, tenant, contentHash, requests, estimate, timeoutMs, sinceMs };
}
