/** The orders that the ADR names: of held runs, and of grants. Both settle every tie. */
import type { HeldRun } from '../model/snapshot.ts';

/** By when they were held, then by id, as code units (no locale). */
export function byHeldSince(a: HeldRun, b: HeldRun): number {
  if (a.heldSinceMs !== b.heldSinceMs) return a.heldSinceMs - b.heldSinceMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

export interface GrantTerms {
  /** As a run index: those are in the order in which runs wait. */
  readonly run: number;
  readonly grantedAtMs: number;
  readonly promisedAtMs: number;
}

/** A grant as it stands in the queue. */
export interface StandingGrant extends GrantTerms {
  readonly tenant: number;
  readonly signature: number;
  /** False while its class is stalled. */
  readonly binding: boolean;
}

/** The oldest grant first. */
export function byGrantAge(a: GrantTerms, b: GrantTerms): number {
  return a.grantedAtMs - b.grantedAtMs || a.promisedAtMs - b.promisedAtMs || a.run - b.run;
}
