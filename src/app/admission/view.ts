/**
 * What the loop shows to those who answer questions: the last pass as one consistent
 * whole, and how well the loop is. Frozen data; looking at it changes nothing.
 */
import type { Decision } from '../../core/model/decision.ts';
import type { RunId } from '../../core/model/run.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { Observation } from '../../ports/engine.ts';
import type { Doubt } from './events.ts';

/** A held run that is not tried before `untilMs`, because its last start was refused or lapsed. */
export interface Retry {
  readonly runId: RunId;
  readonly attempts: number;
  readonly untilMs: number;
  readonly why: string;
}

export interface AdmissionView {
  readonly nowMs: number;
  readonly observation: Observation;
  /** What was decided upon. Runs in `retries` are not among its held ones. */
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  /** Runs whose start is marked and not settled, those of this very pass included. */
  readonly starting: ReadonlySet<RunId>;
  readonly retries: ReadonlyMap<RunId, Retry>;
}

export interface AdmissionHealth {
  readonly mode: 'enforce' | 'shadow';
  /** Empty when all is well. */
  readonly doubts: readonly Doubt[];
  /** Nothing starts before: a former process may have asked for starts that can land until then. */
  readonly waitingUntilMs: number | null;
  /** Another process leads: this one only watches. Null when this one leads. */
  readonly following: { readonly leader: string | null } | null;
  /** When the last complete pass ended; null before the first. */
  readonly lastPassAtMs: number | null;
  readonly stopping: boolean;
}
