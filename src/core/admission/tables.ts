/**
 * The shapes of the tables that `buildTables` makes of a snapshot: what each array is indexed
 * by and what it holds. Apart from their making, so that the parts that make them share it.
 */
import type { Requests, RunId } from '../model/run.ts';
import type { HeldRun } from '../model/snapshot.ts';
import type { GrantTerms } from './order.ts';
import type { Signatures } from './signatures.ts';

export interface Tables {
  readonly nowMs: number;
  readonly paused: boolean;
  readonly maxGrants: number;
  readonly poolNames: readonly string[];
  readonly poolIndex: ReadonlyMap<string, number>;
  readonly size: Float64Array;
  readonly otherUse: Float64Array;
  /** 1 where the pool is paused or in doubt: it starts nothing. */
  readonly poolStalled: Uint8Array;
  /** The pool that every held run asks for, or -1. */
  readonly commonPool: number;
  readonly tenantNames: readonly string[];
  readonly weight: Float64Array;
  readonly tenantPaused: Uint8Array;
  readonly tenantCapped: Uint8Array;
  /** Caps by tenant * pools + pool; Infinity where there is none. */
  readonly cap: Float64Array;
  readonly rankCount: number;
  /** Milliseconds by rank; Infinity means never overdue. */
  readonly patienceMs: Float64Array;
  readonly signatures: Signatures;
  readonly classCount: number;
  readonly classTenant: Int32Array;
  readonly classRank: Int32Array;
  readonly classSignature: Int32Array;
  /** 1 where a pool of the class is stalled or its tenant paused. */
  readonly classStalled: Uint8Array;
  /** Entries classOffset[c] .. classOffset[c + 1] - 1 of classRuns: its runs in their order. */
  readonly classOffset: Int32Array;
  readonly classRuns: Int32Array;
  readonly classLastStartMs: Float64Array;
  readonly heldCount: number;
  readonly activeCount: number;
  /** By run index, held then active. */
  readonly ids: readonly RunId[];
  readonly runTenant: Int32Array;
  readonly runSignature: Int32Array;
  /** -1 for active runs. */
  readonly runClass: Int32Array;
  /** Held since, or active since. */
  readonly sinceMs: Float64Array;
  readonly p50Ms: Float64Array;
  readonly p90Ms: Float64Array;
  /** Infinity means none. */
  readonly timeoutMs: Float64Array;
  /** Grants of runs that are here, oldest first, as run indexes. */
  readonly grants: readonly GrantTerms[];
  /** Held runs left out because they can never start as things are. */
  readonly excluded: readonly HeldRun[];
}

export interface Lookup {
  readonly ranks: ReadonlyMap<string, number>;
  readonly sizes: ReadonlyMap<string, number>;
  readonly caps: ReadonlyMap<string, Requests>;
}

export type PoolTables = Pick<Tables, 'poolNames' | 'poolIndex' | 'size' | 'otherUse' | 'poolStalled'>;

export type RunTables = Pick<
  Tables,
  'ids' | 'runTenant' | 'runSignature' | 'sinceMs' | 'p50Ms' | 'p90Ms' | 'timeoutMs'
>;
