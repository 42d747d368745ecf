/** A few of the held runs of a snapshot, found without an index of all of them. */
import type { RunId } from '../../core/model/run.ts';
import type { HeldRun, Snapshot } from '../../core/model/snapshot.ts';

export function heldOf({ held }: Pick<Snapshot, 'held'>, ids: readonly RunId[]): Map<RunId, HeldRun> {
  const wanted = new Set(ids);
  const found = new Map<RunId, HeldRun>();
  for (const run of held) if (wanted.has(run.id)) found.set(run.id, run);
  return found;
}
