/**
 * What the app is told once, at start. The configuration produces it; nothing in the app
 * reads files or the environment.
 */
import type { Estimate } from '../core/model/run.ts';
import type { Priority, Tenant } from '../core/model/snapshot.ts';

export interface AdmissionSettings {
  /** `shadow` observes, decides and explains, but starts nothing. */
  readonly mode: 'enforce' | 'shadow';
  /** Whose held runs `shadow` decides upon; `enforce` never decides upon another's. */
  readonly shadowAdopts: 'all' | 'ours';
  readonly paused: boolean;
  readonly pausedPools: readonly string[];
  /** Highest first; at least one. */
  readonly priorities: readonly Priority[];
  readonly tenants: readonly Tenant[];
  readonly maxGrants: number;
  /** How long a start request may take effect; also what a restarted process waits out. */
  readonly startDeadlineMs: number;
  /** Look again at least this often though nothing was heard. */
  readonly relistMs: number;
  /** After a refused or failed start of a run, wait this long before trying it again; doubles up to `retryMaxMs`. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Most start requests of one pass that are out at the same time. */
  readonly startConcurrency: number;
  /** Most held runs; more are refused when they are created. */
  readonly maxHeld: number;
  /** A run that was held longer is cancelled; null never does that. */
  readonly maxHeldMs: number | null;
  /** Used while no run has ever been measured. */
  readonly firstEstimate: Estimate;
}
