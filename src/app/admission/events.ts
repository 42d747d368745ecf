/**
 * What the admission loop tells whoever listens (metrics, live progress). Events are
 * reports of what was done; nothing in the loop depends on anyone hearing them.
 */
import type { RunId } from '../../core/model/run.ts';
import type { Snapshot } from '../../core/model/snapshot.ts';
import type { FinishedRun } from '../../ports/store.ts';

/** What cannot be read, written or trusted at the moment. */
export type DoubtSource = 'engine' | 'capacity' | 'store' | 'history' | 'admission';

export interface Doubt {
  readonly source: DoubtSource;
  /** The last error, one line. */
  readonly error: string;
  readonly sinceMs: number;
  /** Failures in a row. */
  readonly failures: number;
}

export type AdmissionEvent =
  /** Told before the starts of the decision. */
  | {
      readonly kind: 'decided';
      readonly atMs: number;
      readonly tookMs: number;
      /** What was decided upon. */
      readonly snapshot: Snapshot;
    }
  | {
      readonly kind: 'pass-finished';
      readonly atMs: number;
      readonly tookMs: number;
      readonly held: number;
      readonly starting: number;
      readonly running: number;
      /** Starts asked for in this pass. */
      readonly started: number;
    }
  /** The start is marked and on its way to the engine. */
  | {
      readonly kind: 'run-started';
      readonly runId: RunId;
      readonly tenant: string;
      /** All it asked for had room. */
      readonly pools: readonly string[];
      readonly atMs: number;
      readonly heldForMs: number;
    }
  | { readonly kind: 'start-refused'; readonly runId: RunId; readonly atMs: number; readonly why: string }
  /** The answer was lost; the run counts as starting until the engine shows otherwise. */
  | { readonly kind: 'start-unknown'; readonly runId: RunId; readonly atMs: number; readonly why: string }
  /** A start that provably took no effect by its deadline: the run is held again. */
  | { readonly kind: 'start-lapsed'; readonly runId: RunId; readonly atMs: number }
  /** Cancelled, because it was held longer than its maximum age. */
  | {
      readonly kind: 'run-expired';
      readonly runId: RunId;
      readonly tenant: string;
      readonly atMs: number;
      readonly heldForMs: number;
    }
  /** History has it; told once for each run, by the process that recorded it. */
  | { readonly kind: 'run-finished'; readonly run: FinishedRun }
  /** The same, where another process on the same store was quicker to record it. */
  | { readonly kind: 'run-finished-elsewhere'; readonly run: FinishedRun }
  | { readonly kind: 'doubt'; readonly doubt: Doubt }
  | { readonly kind: 'doubt-ended'; readonly source: DoubtSource; readonly atMs: number };

export type AdmissionListener = (event: AdmissionEvent) => void;
