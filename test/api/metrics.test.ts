/** Figures say what is and what happened, in a bounded number of series. */
import { expect, test } from 'vitest';
import { createMetrics } from '../../src/api/metrics.ts';
import type { AdmissionView } from '../../src/app/admission/view.ts';
import { type RunState, runId } from '../../src/core/model/run.ts';
import type { ActiveRun } from '../../src/core/model/snapshot.ts';
import type { ObservedRun } from '../../src/ports/engine.ts';
import { noControls } from '../builders/controls.ts';

const aRun = (index: number, tenant: string, state: RunState): ObservedRun => ({
  id: runId(`run-${index}`),
  project: tenant,
  tenant,
  priority: 'normal',
  requests: { runs: 1 },
  contentHash: 'c',
  timeoutMs: null,
  state,
  ours: true,
  fault: null,
  heldSinceMs: 0,
  startedAtMs: state === 'held' ? null : 0,
  finishedAtMs: null,
  result: null,
});

const aView = (runs: readonly ObservedRun[], startingId: string | null = null): AdmissionView => ({
  nowMs: 0,
  observation: { revision: 1, runs },
  snapshot: {
    nowMs: 0,
    paused: false,
    maxGrants: 0,
    pools: [{ name: 'runs', size: 20, otherUse: 3, paused: false, doubt: null }],
    priorities: [],
    tenants: [],
    held: [],
    active: runs
      .filter((run) => run.state === 'running')
      .map((run): ActiveRun => ({ ...run, sinceMs: 0, estimate: { p50Ms: 1, p90Ms: 1 } })),
    grants: [],
    classStarts: [],
  },
  decision: { starts: [], grants: [], reviewAtMs: null },
  starting: new Set(startingId === null ? [] : [runId(startingId)]),
  retries: new Map(),
  controls: noControls,
});

const metricsOf = (view: () => AdmissionView | null) =>
  createMetrics({ view, leads: () => true, figures: () => [] });

const lines = (text: string, name: string) => text.split('\n').filter((line) => line.startsWith(`${name}{`));

test('runs are counted by tenant and state; one that was let go is starting', async () => {
  const runs = [aRun(1, 'web', 'held'), aRun(2, 'web', 'held'), aRun(3, 'web', 'running')];
  const text = await metricsOf(() => aView(runs, 'run-2')).text();
  expect(lines(text, 'penstock_runs').toSorted()).toEqual([
    'penstock_runs{tenant="web",state="held"} 1',
    'penstock_runs{tenant="web",state="running"} 1',
    'penstock_runs{tenant="web",state="starting"} 1',
  ]);
  expect(lines(text, 'penstock_pool_used')).toEqual(['penstock_pool_used{pool="runs"} 4']);
  expect(lines(text, 'penstock_pool_size')).toEqual(['penstock_pool_size{pool="runs"} 20']);
});

test('a thousand tenants are 51 series, and nobody is left out of the sum', async () => {
  const runs = Array.from({ length: 1000 }, (_, index) => aRun(index, `tenant-${index}`, 'held'));
  const series = lines(await metricsOf(() => aView(runs)).text(), 'penstock_runs');
  expect(series).toHaveLength(51);
  expect(series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(1000);
});

test('a tenant whose runs have ended does not keep its last figure', async () => {
  let view = aView([aRun(1, 'web', 'held')]);
  const metrics = metricsOf(() => view);
  await metrics.text();
  view = aView([]);
  expect(lines(await metrics.text(), 'penstock_runs')).toEqual([]);
});

test('what is paused is 1, by whomever; a tenant that is not paused has no series', async () => {
  const view = aView([]);
  const tenant = { weight: 1, caps: {} };
  const tenants = [
    { ...tenant, name: 'web', paused: true },
    { ...tenant, name: 'data', paused: false },
  ];
  const [runs] = view.snapshot.pools;
  const arm = { name: 'arm', size: 1, otherUse: 0, paused: true, doubt: null };
  const snapshot = { ...view.snapshot, tenants, pools: runs === undefined ? [arm] : [runs, arm] };
  const text = await metricsOf(() => ({ ...view, snapshot })).text();
  expect(lines(text, 'penstock_paused').toSorted()).toEqual([
    'penstock_paused{scope="everything",name=""} 0',
    'penstock_paused{scope="pool",name="arm"} 1',
    'penstock_paused{scope="pool",name="runs"} 0',
    'penstock_paused{scope="tenant",name="web"} 1',
  ]);
  const allPaused = { ...view, snapshot: { ...snapshot, paused: true } };
  expect(await metricsOf(() => allPaused).text()).toContain('penstock_paused{scope="everything",name=""} 1');
});

test('starts, waits and refused requests are counted as they happen', async () => {
  const metrics = metricsOf(() => null);
  const pools = ['runs', 'linux/arm64'];
  const start = { runId: runId('a'), tenant: 'web', pools, atMs: 9_000, heldForMs: 4_000 };
  metrics.onEvent({ kind: 'run-started', ...start });
  metrics.onEvent({ kind: 'start-refused', runId: runId('b'), atMs: 9_000, why: 'disk full' });
  metrics.onEvent({ kind: 'run-expired', runId: runId('c'), tenant: 'web', atMs: 9_000, heldForMs: 8_000 });
  metrics.countError('pool-unknown');
  const text = await metrics.text();
  expect(text).toContain('penstock_starts_total{tenant="web"} 1');
  expect(text).toContain('penstock_wait_seconds_sum{tenant="web"} 4');
  expect(text).toContain('penstock_wait_seconds_bucket{le="5",tenant="web"} 1');
  expect(text).toContain('penstock_pool_starts_total{pool="linux/arm64"} 1');
  expect(text).toContain('penstock_start_problems_total{kind="start-refused"} 1');
  expect(text).toContain('penstock_expired_total{tenant="web"} 1');
  expect(text).toContain('penstock_errors_total{code="pool-unknown"} 1');
});
