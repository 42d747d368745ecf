/** The one order in which held runs wait: by when they were held, then by id, as code units (no locale). */
import type { HeldRun } from '../model/snapshot.ts';

export function byHeldSince(a: HeldRun, b: HeldRun): number {
  if (a.heldSinceMs !== b.heldSinceMs) return a.heldSinceMs - b.heldSinceMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
