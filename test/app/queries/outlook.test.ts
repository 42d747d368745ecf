/** Places and counts ahead, against their definition, on many small queues. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Picture } from '../../../src/app/queries/picture.ts';
import { poolWaitedFor } from '../../../src/core/admission/pool-waited-for.ts';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { Snapshot } from '../../../src/core/model/snapshot.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { noControls } from '../../builders/controls.ts';
import { outlookNow } from './outlook-now.ts';

const model = learnDurations([], { p50Ms: 10_000, p90Ms: 20_000 });

function aPictureOf(snapshot: Snapshot): Picture {
  const rest = {
    runs: new Map(),
    starting: new Set<never>(),
    retries: new Map(),
    controls: noControls,
    hints: [],
    model,
  };
  return { isFresh: true, snapshot, ...rest };
}

const requests = fc.constantFrom<Readonly<Record<string, number>>>(
  { runs: 1 },
  { runs: 1, arm: 1 },
  { runs: 1, arm: 2 },
  { runs: 1, s390x: 1 },
  { runs: 1, arm: 1, s390x: 1 },
  { runs: 1, arm: 9 },
);

const aQueue = fc.record({
  held: fc.array(
    fc.record({
      requests,
      tenant: fc.constantFrom('a', 'b'),
      heldSinceMs: fc.integer({ min: 0, max: 999 }),
      p50Ms: fc.integer({ min: 1, max: 30_000 }),
    }),
    { maxLength: 12 },
  ),
  active: fc.array(fc.record({ requests, tenant: fc.constantFrom('a', 'b') }), { maxLength: 3 }),
});

test('a run is ahead where it waits exactly if it asks for that pool and is planned to start earlier', async () => {
  await fc.assert(
    fc.asyncProperty(aQueue, async ({ held, active }) => {
      const snapshot = aSnapshot({
        pools: [aPool('runs', 3), aPool('arm', 2), aPool('s390x', 1)],
        held: held.map(({ p50Ms, ...run }, n) =>
          aHeldRun(`h-${n}`, { ...run, estimate: { p50Ms, p90Ms: 2 * p50Ms } }),
        ),
        active: active.map((run, n) => anActiveRun(`a-${n}`, run)),
      });
      const { prospects, byId } = await outlookNow(aPictureOf(snapshot), {
        mode: 'enforce',
        shadowAdopts: 'all',
      });
      expect(byId.size).toBe(held.length);
      let unplanned = false;
      let place = 0;
      for (const { run, reason, plan, aheadInPool } of prospects) {
        // In the order of the plan; what has no place in it comes last.
        unplanned ||= plan === null;
        expect(plan === null).toBe(unplanned);
        expect(plan?.position ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(place);
        place = plan?.position ?? place;
        const pool = reason === null ? null : poolWaitedFor(reason);
        const earlier = prospects.filter(
          (other) =>
            plan !== null &&
            other.plan !== null &&
            other.plan.startAtMs < plan.startAtMs &&
            other.run !== run,
        );
        if (plan !== null) expect(plan.position).toBe(1 + earlier.length);
        const want = earlier.filter((other) => pool !== null && pool in other.run.requests).length;
        expect(aheadInPool).toBe(plan === null || pool === null ? null : want);
      }
    }),
    { numRuns: 300 },
  );
});
