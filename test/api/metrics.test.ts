/** Figures say what is and what happened, in a bounded number of series. */
import { expect, test } from 'vitest';
import { createMetrics } from '../../src/api/metrics.ts';
import type { AdmissionView } from '../../src/app/admission/view.ts';
import { type Requests, type RunState, runId } from '../../src/core/model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../../src/core/model/snapshot.ts';
import type { ObservedRun } from '../../src/ports/engine.ts';
import type { Figure } from '../../src/ports/figures.ts';
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
  createMetrics({
    view,
    leads: () => true,
    calibration: async () => ({ nowMs: 0, starts: [], finishes: [] }),
    figures: () => [],
  });

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

test('waiting runs are counted by the pool they wait for, whoever is before them, and by why', async () => {
  const view = aView([]);
  const held = (id: string, requests: Requests): HeldRun => {
    const run = { id: runId(id), project: 'p', tenant: 'web', contentHash: 'c', priority: 'normal' };
    return { ...run, requests, heldSinceMs: 0, estimate: { p50Ms: 1, p90Ms: 1 }, timeoutMs: null };
  };
  const snapshot: Snapshot = {
    ...view.snapshot,
    priorities: [{ name: 'normal', patienceMs: null }],
    pools: [...view.snapshot.pools, { name: 'arm', size: 1, otherUse: 1, paused: false, doubt: null }],
    held: [
      held('a', { runs: 1, arm: 1 }),
      held('b', { runs: 1, arm: 1 }),
      held('c', { runs: 1, vax: 1 }),
      held('d', { runs: 18 }),
    ],
  };
  const broken = { ...aRun(9, 'web', 'held'), fault: 'annotation x is wrong' };
  const observation = { revision: 1, runs: [broken] };
  const retry = { runId: runId('e'), attempts: 1, untilMs: 1, why: 'disk full' };
  const retries = new Map([[retry.runId, retry]]);
  const text = await metricsOf(() => ({ ...view, observation, retries, snapshot })).text();
  expect(lines(text, 'penstock_waiting_runs').toSorted()).toEqual([
    'penstock_waiting_runs{pool="",reason="malformed"} 1',
    'penstock_waiting_runs{pool="",reason="retry"} 1',
    'penstock_waiting_runs{pool="",reason="unknown-pool"} 1',
    'penstock_waiting_runs{pool="arm",reason="pool-full"} 2',
    'penstock_waiting_runs{pool="runs",reason="pool-full"} 1',
  ]);
});

test('the use of a pool is told by tenant, and in all', async () => {
  const runs = [aRun(1, 'web', 'running'), aRun(2, 'web', 'running'), aRun(3, 'data', 'running')];
  const text = await metricsOf(() => aView(runs)).text();
  expect(lines(text, 'penstock_pool_used_by_tenant').toSorted()).toEqual([
    'penstock_pool_used_by_tenant{pool="runs",tenant="data"} 1',
    'penstock_pool_used_by_tenant{pool="runs",tenant="web"} 2',
  ]);
  expect(lines(text, 'penstock_pool_used')).toEqual(['penstock_pool_used{pool="runs"} 6']);
});

test('a thousand pools are 101 series, their units summed', async () => {
  const view = aView([]);
  const pools = Array.from({ length: 1000 }, (_, n) => {
    return { name: `pool-${n}`, size: 2, otherUse: 0, paused: n > 500, doubt: null };
  });
  const text = await metricsOf(() => ({ ...view, snapshot: { ...view.snapshot, pools } })).text();
  const sizes = lines(text, 'penstock_pool_size');
  expect(sizes).toHaveLength(101);
  expect(sizes.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(2000);
  expect(text).toContain('penstock_paused{scope="pool",name="other"} 1\n');
});

test('what engine and capacity sources offer is shown under its name, a counter as it stands', async () => {
  let asked = 3;
  const labels = { verb: 'PATCH', outcome: 'ok' };
  const row = {
    forecasts: 40,
    coverageP90: 0.875,
    coverage80: 0.8,
    pinball: 0.1,
    biasMs: 2_500,
    drifts: false,
  };
  const calibration = async () => ({ nowMs: 0, starts: [{ fromHorizonMs: 600_000, ...row }], finishes: [] });
  const figures = (): readonly Figure[] => [
    { name: 'penstock_api_requests_total', labels, value: asked },
    { name: 'penstock_meter_disagrees', labels: { pool: 'runs' }, value: 1 },
  ];
  const metrics = createMetrics({ view: () => null, leads: () => false, figures, calibration });
  await metrics.text();
  asked = 5;
  const text = await metrics.text();
  expect(text).toContain('penstock_forecast_p90_coverage{of="start",horizon="600s"} 0.875\n');
  expect(text).toContain('penstock_forecast_bias_seconds{of="start",horizon="600s"} 2.5\n');
  expect(text).toContain('penstock_api_requests_total{verb="PATCH",outcome="ok"} 5');
  expect(text).toContain('penstock_meter_disagrees{pool="runs"} 1');
  expect(text).toContain('penstock_leading 0');
});
