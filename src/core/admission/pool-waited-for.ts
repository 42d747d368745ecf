/** Of a reason the pool whose units it is about. Apart from the sentences, because forecasts count by it. */
import { assert } from '../assert.ts';
import type { HoldReason } from '../model/decision.ts';

/** A reason as far as it matters here, with or without the names of other runs. */
type Reason =
  | Exclude<HoldReason, { readonly kind: 'reserved' | 'behind' }>
  | { readonly kind: 'reserved'; readonly pool: string }
  | { readonly kind: 'behind'; readonly first: Reason };

/** The pool whose units the run waits for; null when it waits for something else. */
export function poolWaitedFor(reason: Reason): string | null {
  switch (reason.kind) {
    case 'pool-full':
    case 'tenant-cap':
    case 'reserved':
    case 'capacity-in-doubt':
    case 'never-fits':
    case 'never-fits-cap':
      return reason.pool;
    case 'paused':
      return reason.scope === 'pool' ? reason.name : null;
    case 'behind':
      return poolWaitedFor(reason.first);
    case 'malformed':
    case 'unknown-pool':
    case 'unknown-priority':
      return null;
    default:
      return assertNever(reason);
  }
}

function assertNever(reason: never): never {
  assert(false, `no pool is known for the hold reason ${JSON.stringify(reason)}`);
}
