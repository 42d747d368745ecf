/**
 * What admission answers: which runs start now, which grants stand afterwards, and,
 * when asked, why a run does not start. Reasons carry the numbers a person needs.
 */
import type { RunId } from './run.ts';
import type { Grant } from './snapshot.ts';

export interface Decision {
  /** In the order in which they were chosen. */
  readonly starts: readonly RunId[];
  /** All grants that stand after this decision: those kept and those newly given, oldest first. */
  readonly grants: readonly Grant[];
  /** The next instant at which the same queue may decide differently though nothing happens; null if none. */
  readonly reviewAtMs: number | null;
}

export type HoldReason =
  /** What it says it needs cannot be understood; `problem` is for its author. Said by the app: such a run is in no snapshot. */
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'paused'; readonly scope: 'everything' }
  | { readonly kind: 'paused'; readonly scope: 'tenant' | 'pool'; readonly name: string }
  | { readonly kind: 'unknown-pool'; readonly pool: string; readonly known: readonly string[] }
  | { readonly kind: 'unknown-priority'; readonly priority: string; readonly known: readonly string[] }
  /** It asks for more than the pool has: it can never start unless the pool grows. */
  | { readonly kind: 'never-fits'; readonly pool: string; readonly asked: number; readonly size: number }
  | {
      readonly kind: 'never-fits-cap';
      readonly pool: string;
      readonly tenant: string;
      readonly asked: number;
      readonly cap: number;
    }
  | { readonly kind: 'capacity-in-doubt'; readonly pool: string; readonly doubt: string }
  | {
      readonly kind: 'pool-full';
      readonly pool: string;
      readonly asked: number;
      readonly free: number;
      readonly size: number;
    }
  | {
      readonly kind: 'tenant-cap';
      readonly pool: string;
      readonly tenant: string;
      readonly asked: number;
      readonly free: number;
      readonly cap: number;
    }
  /** Its pools have room, which is kept for a run that has waited longer. */
  | {
      readonly kind: 'reserved';
      readonly pool: string;
      readonly forRun: RunId;
      readonly promisedAtMs: number;
    }
  /** Another run of its own class goes first; `first` is why that one waits. */
  | { readonly kind: 'behind'; readonly head: RunId; readonly ahead: number; readonly first: HoldReason };
