/** Planned launches as forecasts see them: as runs that come, until they are there. */
import { expect, test } from 'vitest';
import { PlannedRuns } from '../../../src/app/launching/planned-runs.ts';
import { LearnedDurations } from '../../../src/core/duration/learned-durations.ts';
import { LaunchRig, MINUTE_MS, START_MS } from './launch-rig.ts';

const NOW_MS = START_MS + 5 * MINUTE_MS;

function plannedIn({ store }: LaunchRig, priorities = ['usual']): PlannedRuns {
  const learned = new LearnedDurations({ first: { p50Ms: 1_000, p90Ms: 5_000 } });
  return new PlannedRuns({
    launches: store.launches,
    policies: store.policies,
    durations: { model: () => learned.model() },
    engineKind: 'simulated',
    digest: (text) => Buffer.from(text).toString('hex').slice(-64),
    priorities,
    tenantOf: new Map(),
  });
}

test('a planned launch comes at its moment; a launched one is there and comes no more', async () => {
  const rig = await LaunchRig.begin({ priority: null });
  const planned = plannedIn(rig);
  await rig.pass(5 * MINUTE_MS);
  const coming = await planned.upcoming(NOW_MS, 100);
  const moments = (await rig.launches()).map(({ atMs }) => atMs).toSorted((a, b) => a - b);
  expect(moments).toHaveLength(4);
  expect(coming.map(({ heldSinceMs }) => heldSinceMs)).toEqual(moments);
  expect(new Set(coming.map(({ id }) => id)).size).toBe(4);
  for (const run of coming) expect(run).toMatchObject({ priority: 'usual', requests: { runs: 1 } });
  expect(await planned.upcoming(NOW_MS, 2)).toEqual(coming.slice(0, 2));
  await rig.pass(60 * MINUTE_MS);
  expect(await planned.upcoming(START_MS + 65 * MINUTE_MS, 100)).toEqual([]);
  expect([...(await planned.launched(rig.created))].toSorted()).toEqual([...rig.created].toSorted());
});

test('a launch that is late already comes next, and one that would be refused does not come', async () => {
  const rig = await LaunchRig.begin({ priority: null });
  await rig.pass(5 * MINUTE_MS);
  await rig.stop();
  const late = await plannedIn(rig).upcoming(START_MS + 1_000 * MINUTE_MS, 100);
  expect(late.map(({ heldSinceMs }) => heldSinceMs)).toEqual(Array(4).fill(START_MS + 1_000 * MINUTE_MS + 1));
  const other = await LaunchRig.begin({ priority: 'nobody knows' });
  await other.pass(5 * MINUTE_MS);
  expect(await plannedIn(other).upcoming(NOW_MS, 100)).toEqual([]);
});
