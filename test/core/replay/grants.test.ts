/** A queue taken out of a replay has the grants that stood then, and goes on as the replay did. */
import { expect, test } from 'vitest';
import { Replay } from '../../../src/core/replay/replay.ts';
import { asHeld } from '../../../src/core/replay/world.ts';
import { simulate } from '../../../src/core/simulation/simulate.ts';
import { aPool } from '../../builders/admission.ts';
import { aPastRun, S } from './past-runs.ts';

/** Two slots, runs of one slot all the time, and one that needs both and is overdue after 10 seconds. */
const small = Array.from({ length: 12 }, (_, nth) =>
  aPastRun(`s${String(nth).padStart(2, '0')}`, [4 * nth, 4 * nth, 4 * nth + 9], { tenant: 'b' }),
);
const wide = aPastRun('wide', [1, 100, 110], { requests: { runs: 2 } });
const runs = [...small, wide].toSorted((a, b) => a.heldSinceMs - b.heldSinceMs);
const estimateOf = () => ({ p50Ms: 9 * S, p90Ms: 9 * S });
const durationOf = (run: (typeof runs)[number]): number => run.finishedAtMs - (run.startedAtMs ?? 0);

test('the grant of a run that needs everything is part of the queue at that moment', () => {
  const replay = new Replay({
    fromMs: 0,
    runs,
    rules: {
      pools: [aPool('runs', 2)],
      priorities: [{ name: 'normal', patienceMs: 10 * S }],
      tenants: [],
      maxGrants: 2,
    },
    estimateOf,
    durationOf,
  });
  expect(replay.queueAt(5 * S, estimateOf).grants).toEqual([]);
  const queue = replay.queueAt(12 * S, estimateOf);
  expect(queue.grants).toMatchObject([{ runId: 'wide', grantedAtMs: 11 * S }]);
  expect(queue.grants[0]?.promisedAtMs).toBeGreaterThan(12 * S);

  const lengthMs = new Map(runs.map((run) => [run.id, durationOf(run)]));
  const arrivals = runs.filter((run) => run.heldSinceMs > 12 * S).map((run) => asHeld(run, estimateOf));
  const on = simulate(queue, (id) => lengthMs.get(id) ?? Number.NaN, { arrivals });
  expect(on.length).toBeGreaterThan(8);
  for (const { id, startMs } of on) expect([id, startMs]).toEqual([id, replay.spans.get(id)?.startMs]);
});
