/**
 * The store as the loop uses it: no call is waited for longer than a bound, so that a
 * store that hangs is a store in doubt and not a loop that hangs.
 *
 * A write that was given up may still become durable. For marks that is safe: the next
 * pass reads them back, and one whose start was never sent lapses like any other.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { boundedWait } from './bounded-wait.ts';

const STORE_LIMIT_MS = 10_000;

type Used =
  | 'mark'
  | 'marks'
  | 'settle'
  | 'saveGrants'
  | 'grants'
  | 'saveClassStarts'
  | 'classStarts'
  | 'controls'
  | 'endFronts'
  | 'recordFinished'
  | 'settleForecasts';

export type BoundedStore = Pick<Store, Used>;

export function boundedStore(store: Store, clock: Clock): BoundedStore {
  const inTime = <T>(work: () => Promise<T>): Promise<T> =>
    boundedWait({ clock, limitMs: STORE_LIMIT_MS, what: 'The store' }, work);
  return {
    mark: (marks) => inTime(() => store.mark(marks)),
    marks: () => inTime(() => store.marks()),
    settle: (runIds) => inTime(() => store.settle(runIds)),
    saveGrants: (grants) => inTime(() => store.saveGrants(grants)),
    grants: () => inTime(() => store.grants()),
    saveClassStarts: (starts) => inTime(() => store.saveClassStarts(starts)),
    classStarts: () => inTime(() => store.classStarts()),
    controls: () => inTime(() => store.controls()),
    endFronts: (runIds) => inTime(() => store.endFronts(runIds)),
    recordFinished: (runs) => inTime(() => store.recordFinished(runs)),
    settleForecasts: (nowMs) => inTime(() => store.settleForecasts(nowMs)),
  };
}
