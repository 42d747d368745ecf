import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Scheduler } from '../../../sim/scheduler.ts';
import { PrometheusMeter } from '../../../src/adapters/prometheus/prometheus-meter.ts';
import { PROMETHEUS_SCHEMA } from '../../../src/config/prometheus.ts';
import type { MeteredUse } from '../../../src/ports/capacity.ts';
import { TestPrometheus, type Vector } from './prometheus-server.ts';

const RUNS = 'tekton_pipelines_controller_running_pipelineruns';
const TASKS = 'multi_platform_controller_running_tasks{taskrun_namespace!="multi-platform-controller"}';
const BY = 'by (platform)';
const POOL_SIZE = 'multi_platform_controller_platform_pool_size';

let prometheus: TestPrometheus;
const open: PrometheusMeter[] = [];

beforeEach(async () => {
  prometheus = new TestPrometheus();
  await prometheus.listen();
  runsShow('12');
  tasksShow([[{ platform: 'linux/arm64' }, '3']]);
});

afterEach(async () => {
  for (const meter of open.splice(0)) await meter.close();
  await prometheus.close();
});

function runsShow(...values: readonly string[]): void {
  prometheus.shows(
    `avg(${RUNS})`,
    values.map((value) => [{}, value]),
  );
  scrapedAgo(2_000);
}

function scrapedAgo(agoMs: number): void {
  const atMs = prometheus.nowMs - agoMs;
  prometheus.scraped(`min (timestamp(${RUNS}))`, [[{}, atMs - 1_000]]);
  prometheus.scraped(`max (timestamp(${RUNS}))`, [[{}, atMs]]);
}

function tasksShow(vector: Vector): void {
  prometheus.shows(`sum ${BY} (${TASKS})`, vector);
  for (const side of ['min', 'max']) {
    const times = vector.map(([labels]) => [labels, prometheus.nowMs] as const);
    prometheus.scraped(`${side} ${BY} (timestamp(${TASKS}))`, times);
  }
}

/** A meter after its first round of answers. */
async function meter(
  settings: object = {},
): Promise<{ readonly meter: PrometheusMeter; readonly next: () => Promise<void> }> {
  const { interval, staleAfter, use, sizes } = PROMETHEUS_SCHEMA.parse({ url: 'http://here', ...settings });
  const scheduler = new Scheduler(prometheus.nowMs);
  let answered = 0;
  const asked = new PrometheusMeter({
    ask: async (query) => {
      const answer = await prometheus.ask(query);
      answered += 1;
      return answer;
    },
    clock: { nowMs: () => prometheus.nowMs, at: (atMs, callback) => scheduler.at(atMs, callback) },
    use,
    sizes,
    intervalMs: interval,
    staleAfterMs: staleAfter,
  });
  open.push(asked);
  const rounds = async (): Promise<void> => {
    const before = answered;
    while (answered === before || scheduler.nextAtMs() === null) await new Promise(setImmediate);
  };
  asked.start();
  await rounds();
  const next = async (): Promise<void> => {
    scheduler.step();
    await rounds();
  };
  return { meter: asked, next };
}

async function useOf(pool: string, settings: object = {}): Promise<MeteredUse | undefined> {
  const { meter: asked } = await meter(settings);
  return asked.read(['runs', 'linux/arm64', 'linux/s390x']).find((use) => use.pool === pool);
}

describe("the ADR's queries by default", () => {
  test('runs: value, scrape times by our clock, and what shows it', async () => {
    prometheus.aheadMs = -40_000;
    runsShow('11.5');
    expect(await useOf('runs')).toEqual({
      pool: 'runs',
      units: 12,
      // Tekton may have counted 30 s before it was scraped.
      trueFromMs: prometheus.nowMs - 33_000,
      trueToMs: prometheus.nowMs - 2_000,
      countsPending: 'auto',
      signal: `avg(${RUNS})`,
      doubt: null,
    });
  });

  test('platforms by label, in whatever writing; one that is not shown beside others is idle', async () => {
    tasksShow([[{ platform: 'linux-arm64' }, '3']]);
    expect(await useOf('linux/arm64')).toMatchObject({ units: 3, countsPending: 'no', doubt: null });
    const at = prometheus.nowMs;
    expect(await useOf('linux/s390x')).toMatchObject({
      units: 0,
      trueFromMs: at - 15_000,
      trueToMs: at,
      doubt: null,
    });
  });
});

test('tells when something was measured, once for each query', async () => {
  let told = 0;
  const { meter: asked, next } = await meter();
  const forget = asked.onChange(() => {
    told += 1;
  });
  await next();
  expect(told).toBeGreaterThanOrEqual(1);
  forget();
  const before = told;
  await next();
  expect(told).toBe(before);
});

describe('in doubt, with query and value', () => {
  test.each<[string, readonly string[], RegExp]>([
    [
      'negative',
      ['-3'],
      /^the query avg\(tekton_pipelines_controller_running_pipelineruns\) shows -3 for runs; it must be a number from 0/,
    ],
    ['NaN', ['NaN'], /shows NaN for runs/],
    ['infinite', ['+Inf'], /shows Infinity for runs/],
    ['absent', [], /shows nothing for runs$/],
    ['several series', ['3', '4'], /shows 2 series for runs where one is expected$/],
    ['no number', ['many'], /failed: its answer is not one of Prometheus$/],
  ])('%s', async (_, values, doubt) => {
    runsShow(...values);
    expect((await useOf('runs'))?.doubt).toMatch(doubt);
    expect((await useOf('linux/arm64'))?.doubt).toBeNull();
  });

  test('scraped too long ago', async () => {
    scrapedAgo(120_000);
    expect((await useOf('runs'))?.doubt).toBe(
      `what the query avg(${RUNS}) shows is 121 s old; 120 s is the most`,
    );
  });

  test('answered too long ago', async () => {
    const { meter: asked } = await meter();
    prometheus.nowMs += 600_000;
    expect(asked.read(['runs', 'linux/arm64', 'linux/s390x']).map(({ doubt }) => doubt)).toEqual(
      [602 + 1, 600, 600].map((age) => expect.stringContaining(`is ${age} s old`)),
    );
  });

  test('scrape times that are not answered, or lack a pool', async () => {
    prometheus.shows(`max (timestamp(${RUNS}))`, []);
    prometheus.shows(`min (timestamp(${RUNS}))`, []);
    expect((await useOf('runs'))?.doubt).toMatch(/has a value for runs but no scrape time$/);
    prometheus.replies.delete(`min (timestamp(${RUNS}))`);
    expect((await useOf('runs'))?.doubt).toMatch(
      /^the scrape times of avg\(.*\) failed: bad_data: parse error/,
    );
  });

  test('all platforms when none is shown, unless that means zero', async () => {
    tasksShow([]);
    expect((await useOf('linux/s390x'))?.doubt).toMatch(
      /^the query sum by \(platform\) .* shows nothing for linux\/s390x$/,
    );
    const use = [{ poolLabel: 'platform', query: `sum ${BY} (${TASKS})`, whenEmpty: 'zero' }];
    expect(await useOf('linux/s390x', { use })).toMatchObject({ units: 0, doubt: null });
  });

  test('two spellings of one platform', async () => {
    tasksShow([
      [{ platform: 'linux/arm64' }, '1'],
      [{ platform: 'linux-arm64' }, '2'],
    ]);
    expect((await useOf('linux/arm64'))?.doubt).toMatch(
      /shows 2 series for linux-arm64 where one is expected/,
    );
  });

  test('before the first answer', () => {
    const { use } = PROMETHEUS_SCHEMA.parse({ url: 'http://here' });
    const clock = { nowMs: () => 0, at: () => () => {} };
    const ask = () => Promise.reject(new Error('never asked'));
    const asked = new PrometheusMeter({ ask, clock, use, sizes: [], intervalMs: 1, staleAfterMs: 1 });
    expect(asked.read(['runs'])[0]?.doubt).toMatch(/is not answered yet$/);
  });
});

test('a server that fails puts pools in doubt, and the next good answer ends it', async () => {
  const { meter: asked, next } = await meter();
  const doubts = () => asked.read(['runs']).map(({ doubt }) => doubt);
  prometheus.replies.set(`avg(${RUNS})`, { kind: 'raw', status: 502, body: 'bad gateway' });
  await next();
  expect(doubts()).toEqual([`the query avg(${RUNS}) failed: it answered with status 502`]);
  runsShow('4');
  await next();
  expect(doubts()).toEqual([null]);
  expect(asked.read(['runs'])[0]?.units).toBe(4);
});

test('without scrape times a number may be as old as the limit', async () => {
  const use = [{ pool: 'licenses', query: 'sum(licenses_in_use)', countsPending: 'no' }];
  prometheus.shows('sum(licenses_in_use)', [[{}, '2']]);
  const { meter: asked } = await meter({ use, staleAfter: '1m' });
  expect(asked.read(['runs', 'licenses'])).toMatchObject([
    {
      pool: 'licenses',
      units: 2,
      trueFromMs: prometheus.nowMs - 60_000,
      trueToMs: prometheus.nowMs,
      doubt: null,
    },
  ]);
});

test('a query by label speaks of the pools it is told, else of all without a query of their own', async () => {
  const { meter: asked } = await meter();
  expect(asked.read(['runs', 'aws-ip']).map(({ pool }) => pool)).toEqual(['runs', 'aws-ip']);
  const use = [{ poolLabel: 'platform', query: `sum ${BY} (${TASKS})`, pools: ['linux-arm64'] }];
  const { meter: told } = await meter({ use });
  expect(told.read(['runs', 'aws-ip', 'linux/arm64']).map(({ pool }) => pool)).toEqual(['linux/arm64']);
});

test('sizes: as shown, and in doubt with the last size when they are wrong or gone', async () => {
  const sizes = [{ poolLabel: 'platform', query: POOL_SIZE }];
  prometheus.shows(POOL_SIZE, [
    [{ platform: 'linux/arm64' }, '250'],
    [{ platform: 'linux/s390x' }, '60'],
  ]);
  const { meter: asked, next } = await meter({ sizes });
  const read = () => asked.sizes.read(new AbortController().signal);
  expect(await read()).toEqual([
    { name: 'linux/arm64', size: 250, otherUse: 0, doubt: null },
    { name: 'linux/s390x', size: 60, otherUse: 0, doubt: null },
  ]);
  prometheus.shows(POOL_SIZE, [[{ platform: 'linux/arm64' }, '-1']]);
  await next();
  expect(await read()).toMatchObject([
    { name: 'linux/arm64', size: 250, doubt: expect.stringContaining('shows -1 for linux/arm64') },
    { name: 'linux/s390x', size: 60, doubt: `its size is no longer shown by ${POOL_SIZE}` },
  ]);
});
