/**
 * Leadership by a Kubernetes Lease, in the words of the app.
 *
 * The lease counts by the steady clock, the app by the time of day: what is left of the lease
 * is translated each time it is asked for, so that a time of day that is set in between makes
 * nobody lead for longer.
 */
import type { Clock } from '../../ports/clock.ts';
import type { Leadership, Standing } from '../../ports/leadership.ts';
import type { Leadership as Lease } from './kubernetes/lease/leadership.ts';
import type { Time } from './kubernetes/time.ts';

export interface LeaseLeadershipParts {
  readonly lease: Lease;
  readonly clock: Clock;
  readonly time: Pick<Time, 'steadyMs'>;
  /** After leadership was won, a start that a former leader asked for may still take effect for so long. */
  readonly formerStartsMs: number;
}

export function leaseLeadership(parts: LeaseLeadershipParts): Leadership {
  const { lease, clock, time, formerStartsMs } = parts;
  let term = 0;
  let wonAtSteadyMs = Number.NaN;
  return {
    standing(): Standing {
      const state = lease.state();
      if (state.kind === 'following') return state;
      if (state.sinceMs !== wonAtSteadyMs) {
        wonAtSteadyMs = state.sinceMs;
        term += 1;
      }
      const byTimeOfDay = clock.nowMs() - time.steadyMs();
      return {
        kind: 'leading',
        term,
        // Instants are whole milliseconds, wherever they are written down.
        untilMs: Math.floor(byTimeOfDay + state.untilMs),
        formerEndMs: Math.ceil(byTimeOfDay + state.sinceMs + formerStartsMs),
      };
    },
    onChange: (listener) => lease.onChange(listener),
    close: () => lease.close(),
  };
}
