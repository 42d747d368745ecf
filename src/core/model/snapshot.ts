/**
 * The snapshot: everything an admission decision may depend on, and nothing else.
 *
 * The controller builds it from what it observed; the simulation builds it from what it
 * imagines; both give it to the same code. Order inside the lists never matters.
 */
import type { Estimate, Requests, RunId } from './run.ts';

export interface Pool {
  readonly name: string;
  /** Units there are, whole, >= 0. */
  readonly size: number;
  /** Units in use that no run of the snapshot accounts for, whole, >= 0. */
  readonly otherUse: number;
  readonly paused: boolean;
  /** Why the size or use cannot be trusted now; such a pool starts nothing. Null when it can. */
  readonly doubt: string | null;
}

/** Priorities are listed from highest to lowest; `rank` is the place in that list. */
export interface Priority {
  readonly name: string;
  /** After waiting this long at the head of its class a run is overdue; null means never. */
  readonly patienceMs: number | null;
}

/** Settings of a tenant; one that is not listed has weight 1, no caps, and is not paused. */
export interface Tenant {
  readonly name: string;
  /** Fair-share weight, > 0: twice the weight may use twice as much at equal share. */
  readonly weight: number;
  /** Most units of a pool the tenant's runs may occupy together. */
  readonly caps: Requests;
  readonly paused: boolean;
}

export interface HeldRun {
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly contentHash: string;
  readonly priority: string;
  readonly requests: Requests;
  readonly heldSinceMs: number;
  readonly estimate: Estimate;
  /** Counts from its start; null means none. Only simulations use it. */
  readonly timeoutMs: number | null;
}

/** A run that occupies its pools: starting or running, whoever started it. */
export interface ActiveRun {
  readonly id: RunId;
  readonly project: string;
  readonly tenant: string;
  readonly contentHash: string;
  readonly requests: Requests;
  /** When it started, or when its start was decided while that is not yet observed. */
  readonly sinceMs: number;
  readonly estimate: Estimate;
  /** Its timeout counts from `sinceMs`; null means none. */
  readonly timeoutMs: number | null;
}

/** A reservation for one blocked run. `promisedAtMs` never moves once given. */
export interface Grant {
  readonly runId: RunId;
  readonly grantedAtMs: number;
  readonly promisedAtMs: number;
}

/** When a run of this class (tenant, priority, requests) was last started by Penstock. */
export interface ClassStart {
  readonly tenant: string;
  readonly priority: string;
  readonly requests: Requests;
  readonly atMs: number;
}

export interface Snapshot {
  readonly nowMs: number;
  /** Nothing starts while true. */
  readonly paused: boolean;
  /** Most grants at a time, >= 0; 0 switches them off. */
  readonly maxGrants: number;
  readonly pools: readonly Pool[];
  readonly priorities: readonly Priority[];
  readonly tenants: readonly Tenant[];
  readonly held: readonly HeldRun[];
  readonly active: readonly ActiveRun[];
  readonly grants: readonly Grant[];
  readonly classStarts: readonly ClassStart[];
}
