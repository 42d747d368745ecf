/**
 * Why a run waits, as it is shown to one reader: runs of projects that he may not see lose
 * their names, and nothing else changes.
 */
import type { HoldReason } from '../../core/model/decision.ts';
import type { RunId } from '../../core/model/run.ts';

type Naming = Extract<HoldReason, { readonly kind: 'reserved' | 'behind' }>;

export type ShownReason =
  | Exclude<HoldReason, Naming>
  | {
      readonly kind: 'reserved';
      readonly pool: string;
      readonly forRun: RunId | null;
      readonly promisedAtMs: number;
    }
  | {
      readonly kind: 'behind';
      readonly head: RunId | null;
      readonly ahead: number;
      readonly first: ShownReason;
    };

/** `sees` tells of a run whether its project may be seen. */
export function shownReason(reason: HoldReason, sees: (id: RunId) => boolean): ShownReason {
  switch (reason.kind) {
    case 'reserved':
      return { ...reason, forRun: sees(reason.forRun) ? reason.forRun : null };
    case 'behind':
      return {
        ...reason,
        head: sees(reason.head) ? reason.head : null,
        first: shownReason(reason.first, sees),
      };
    default:
      return reason;
  }
}
