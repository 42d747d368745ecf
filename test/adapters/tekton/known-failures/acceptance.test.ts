/**
 * The acceptance tests of the Tekton side, by their letters, as far as a fake API server can
 * show them. Rows b, m and o are acceptance-in-numbers.test.ts, row r (all of P and K) is the
 * other files of this folder; gauges second by second are test/app/capacity/gauges.test.ts, and
 * row l on a real cluster is test/cluster/bounded-wait.cluster.test.ts.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Mortal } from '../../../../sim/mortal.ts';
import type { QueryAnswer } from '../../../../src/adapters/prometheus/instant-query.ts';
import { runId } from '../../../../src/core/model/run.ts';
import { PenstockWorld } from './penstock-world.ts';
import { isPending } from './witness.ts';

let world: PenstockWorld;
beforeEach(async () => {
  world = await PenstockWorld.open();
});
afterEach(() => world.dispose());

const GAUGE = 'avg(tekton_pipelines_controller_running_pipelineruns)';
const TASKS = 'sum by (platform) (multi_platform_controller_running_tasks)';
const RUNS_METER = {
  query: GAUGE,
  of: { kind: 'pool', pool: 'runs' },
  scrapeTimesOf: 'the_gauge',
  pools: null,
  countsPending: 'auto',
  whenEmpty: 'doubt',
  lateMs: 0,
} as const;
const TASKS_METER = {
  ...RUNS_METER,
  query: TASKS,
  of: { kind: 'label', label: 'platform' },
  countsPending: 'no',
} as const;

function names(count: number, prefix = 'build'): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

const allSucceed = (count: number): Promise<void> =>
  world.until(`${count} runs to succeed`, () => world.succeeded() === count);

function answer(
  series: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[],
): QueryAnswer {
  const nowMs = Date.now();
  return { kind: 'series', series, evaluatedAtMs: nowMs, answeredAtMs: nowMs, roundTripMs: 0 };
}

/** As Tekton counts: all that is not done, held or not. */
const unfinished = (): number => world.witness.unfinished;

test('a: 1,000 held, a gauge that counts pending runs: still starts, never above the cap', async () => {
  for (const name of names(1_000)) world.create(name);
  const metered = { use: [RUNS_METER], monitoring: () => answer([{ labels: {}, value: unfinished() }]) };
  await world.begin({ pools: { runs: 20 }, metered });
  // With 1,000 counted and a cap of 20; to the last one, in virtual time, in gauges.test.ts.
  await world.until('ten times the cap to succeed', () => world.succeeded() >= 200);
  expect(world.witness.peak()).toBeLessThanOrEqual(20);
  expect(world.witness.unfinished).toBeGreaterThan(20);
});

test('a: a gauge is believed on an idle cluster too, so that the first run need not wait for it', async () => {
  const metered = { use: [RUNS_METER], monitoring: () => answer([{ labels: {}, value: unfinished() }]) };
  const penstock = await world.begin({ metered });
  const isCertain = () => penstock.loop.view()?.snapshot.pools.every(({ doubt }) => doubt === null) === true;
  await world.until('no doubt', isCertain);
  world.create('build');
  await allSucceed(1);
});

test('c: a gauge split by namespace is not taken for one number: nothing starts, and the reason names the query', async () => {
  let split = true;
  const monitoring = (): QueryAnswer =>
    answer(
      split
        ? [
            { labels: { namespace: 'a' }, value: 1 },
            { labels: { namespace: 'b' }, value: 0 },
          ]
        : [{ labels: {}, value: unfinished() }],
    );
  world.create('build');
  // Nothing but the meter itself tells Penstock that it can be believed again.
  const penstock = await world.begin({
    metered: { use: [RUNS_METER], monitoring },
    settings: { relistMs: 3_600_000 },
  });
  await world.until('the reason', async () => (await penstock.why('build')).includes('2 series'));
  expect(world.witness.letGo).toEqual([]);
  split = false;
  await allSucceed(1);
});

describe('d: a gauge of platforms', () => {
  test.each([
    ['of -3', [{ labels: { platform: 'linux/s390x' }, value: -3 }], '-3'],
    ['of NaN', [{ labels: { platform: 'linux/s390x' }, value: Number.NaN }], 'NaN'],
    ['that is absent', [], 'shows nothing'],
  ] as const)(
    '%s starts nothing there, the reason says which signal is doubted, and others go on',
    async (_, series, word) => {
      const metered = { use: [TASKS_METER], monitoring: () => answer(series) };
      world.create('on-s390x', { platforms: ['linux/s390x'] });
      world.create('elsewhere');
      const penstock = await world.begin({ pools: { runs: 4, 'linux/s390x': 1 }, metered });
      await allSucceed(1);
      expect(world.isHeld('on-s390x')).toBe(true);
      await world.until('the reason', async () => (await penstock.why('on-s390x')).includes(word));
      expect(await penstock.why('on-s390x')).toContain('multi_platform_controller_running_tasks');
    },
  );

  const shows = (value: () => number) => (): QueryAnswer =>
    answer([{ labels: { platform: 'linux/s390x' }, value: value() }]);

  test.each([
    ['that stays at 1 when nothing runs', 1],
    ['doubled while provisioning', 2],
  ])('%s: never above the pool, and all run', async (_, factor) => {
    const monitoring = shows(() => Math.max(1, factor * world.witness.busy('linux/s390x')));
    for (const name of names(6)) world.create(name, { platforms: ['linux/s390x'] });
    await world.begin({ pools: { runs: 9, 'linux/s390x': 3 }, metered: { use: [TASKS_METER], monitoring } });
    await allSucceed(6);
    expect(world.witness.peak('linux/s390x')).toBeLessThanOrEqual(3);
  });

  test('stuck at 1 while two tasks are seen: nothing starts there, and the reason names it', async () => {
    for (const name of ['one', 'two']) {
      const spec = { params: [{ name: 'PLATFORM', value: 'linux/s390x' }] };
      world.server.store.create('taskruns', { metadata: { name, namespace: 'plain' }, spec });
    }
    const metered = { use: [TASKS_METER], monitoring: shows(() => 1) };
    const penstock = await world.begin({ pools: { runs: 9, 'linux/s390x': 3 }, metered });
    world.create('last', { platforms: ['linux/s390x'] });
    const says =
      'multi_platform_controller_running_tasks) shows 1 for linux/s390x while at least 2 were seen';
    await world.until('the reason', async () => (await penstock.why('last')).includes(says));
    expect(world.isHeld('last')).toBe(true);
  });
});

test('e: host-config edited, broken and deleted is followed; shrinking kills nothing', async () => {
  const data = (concurrency: string) => ({
    'host.one.address': '127.0.0.1',
    'host.one.platform': 'linux/s390x',
    'host.one.user': 'u',
    'host.one.secret': 's',
    'host.one.concurrency': concurrency,
  });
  const place = { namespace: 'multi-platform-controller', name: 'host-config' };
  const edit = (concurrency: string) =>
    world.server.store.update('configmaps', place.namespace, place.name, (map) => ({
      ...map,
      data: data(concurrency),
    }));
  world.server.store.create('configmaps', { metadata: place, data: data('1') });
  for (const name of names(8)) world.create(name, { task: 'waits', platforms: ['linux/s390x'] });
  const penstock = await world.begin({ pools: { runs: 20 }, hostConfig: true });
  const isInDoubt = () =>
    penstock.loop
      .view()
      ?.snapshot.pools.some(({ name, doubt }) => name === 'linux/s390x' && doubt !== null) === true;
  const running = () => names(8).filter((name) => world.isRunning(name));
  await world.until('one to run', () => running().length === 1);
  edit('3');
  await world.until('three to run', () => running().length === 3);
  edit('1');
  world.create('other');
  await allSucceed(1);
  expect(running()).toHaveLength(3);
  edit('many');
  await world.until('the doubt', isInDoubt);
  for (const name of running()) world.letEnd(name);
  await allSucceed(4);
  world.create('another');
  await allSucceed(5);
  expect(running()).toEqual([]);
  world.server.store.remove('configmaps', place.namespace, place.name);
  world.create('a-third');
  await allSucceed(6);
  expect(running()).toEqual([]);
  world.server.store.create('configmaps', { metadata: place, data: data('2') });
  await world.until('two to run', () => running().length === 2);
  expect(world.witness.peak('linux/s390x')).toBe(3);
});

test('f: a start that times out though it was committed is counted once, and goes to no other run', async () => {
  world.server.faults.add({ method: 'PATCH', fault: { kind: 'apply', ending: 'hang' } });
  for (const name of names(3)) world.create(name, { task: 'waits' });
  await world.begin({ pools: { runs: 1 } });
  for (let done = 1; done <= 3; done += 1) {
    await world.until(
      'one more to run',
      () => world.witness.letGo.length === done && world.isRunning(world.witness.letGo.at(-1) ?? ''),
    );
    world.letEnd(world.witness.letGo.at(-1) ?? '');
  }
  await allSucceed(3);
  expect(world.witness.peak()).toBe(1);
  expect(world.startRequests()).toHaveLength(3);
});

test('g: a run cancelled at the moment of its start stays cancelled', async () => {
  const doomed = names(5, 'doomed');
  let arrive = (): void => {};
  const until = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  // The requests are on their way when somebody cancels, and arrive after it.
  world.server.faults.add({
    method: 'PATCH',
    path: /doomed/,
    fault: { kind: 'apply-late', until },
    times: 4,
  });
  for (const name of doomed) world.create(name);
  await world.begin({ pools: { runs: 5 } });
  await world.until('all to be on their way', () => world.server.faults.left === 0);
  for (const name of doomed) {
    world.change(name, (run) => ({ ...run, spec: { ...run.spec, status: 'Cancelled' } }));
  }
  arrive();
  await world.until('all to have ended', () => doomed.every((name) => world.reasonOf(name) === 'Cancelled'));
  world.create('a');
  await allSucceed(1);
  for (const name of doomed) expect(world.executions(name)).toBe(0);
});

test.each(Array.from({ length: 16 }, (_, i) => i))(
  'i: killed before its call number %i, none is lost and none started twice',
  async (calls) => {
    const mortal = new Mortal(() => {});
    mortal.dieAfterCalls(calls);
    for (const name of names(4)) world.create(name);
    const first = await world.begin({ mortal, settings: { startDeadlineMs: 500 } });
    await world.until('it to die, or all to be done', () => !mortal.alive() || world.succeeded() === 4);
    await first.kill();
    await world.begin({ settings: { startDeadlineMs: 500 } });
    await allSucceed(4);
    expect(world.witness.peak()).toBeLessThanOrEqual(2);
    for (const name of names(4)) expect(world.executions(name)).toBe(1);
  },
);

test('j: a run deleted while held, while starting and while running gives back what it used', async () => {
  let deletedStarting = false;
  await world.begin({ pools: { runs: 1 } });
  world.create('running', { task: 'waits' });
  await world.until('it to run', () => world.isRunning('running'));
  world.create('held');
  world.remove('held');
  world.server.store.subscribe(({ plural, before, after }) => {
    if (
      plural !== 'pipelineruns' ||
      before === null ||
      after?.metadata.name !== 'starting' ||
      deletedStarting
    )
      return;
    if (!isPending(before) || isPending(after)) return;
    deletedStarting = true;
    world.remove('starting');
  });
  world.create('starting');
  world.remove('running');
  await world.until('it to be deleted while it starts', () => deletedStarting);
  world.create('last');
  await allSucceed(1);
});

test('k: platforms as a string, an unknown one, and one of size 0 are told on the run and block nobody', async () => {
  const platforms = (value: unknown) => ({ spec: { params: [{ name: 'build-platforms', value }] } });
  const penstock = await world.begin({ pools: { runs: 2, 'linux/arm64': 1, 'linux/s390x': 0 } });
  world.create('as-string', platforms('linux/arm64'));
  world.create('unknown', platforms(['linux/vax']));
  world.create('none-there', platforms(['linux/s390x']));
  world.create('a');
  await allSucceed(2);
  expect(world.reasonOf('as-string')).toBe('Succeeded');
  await world.until(
    'reasons',
    async () => (await penstock.why('unknown')) !== '' && (await penstock.why('none-there')) !== '',
  );
  expect(await penstock.why('unknown')).toContain('linux/vax');
  expect(await penstock.why('none-there')).toContain('linux/s390x');
});

test('l: a run that needs four platforms starts although single ones keep coming', async () => {
  const all = ['linux/arm64', 'linux/ppc64le', 'linux/s390x', 'linux/riscv64'];
  const pools = { runs: 50, ...Object.fromEntries(all.map((name) => [name, 1])) };
  let made = 0;
  const feed = (): void => {
    for (const platform of all) {
      made += 1;
      world.create(`one-${made}`, { platforms: [platform], spec: { timeouts: { pipeline: '5s' } } });
    }
  };
  for (let i = 0; i < 3; i += 1) feed();
  const { events } = await world.begin({
    pools,
    settings: {
      priorities: [{ name: 'normal', patienceMs: 300 }],
      firstEstimate: { p50Ms: 100, p90Ms: 200 },
    },
  });
  const wide = world.create('wide', { platforms: all, spec: { timeouts: { pipeline: '5s' } } });
  const id = runId(`shop/wide@${wide.metadata.uid?.slice(0, 8)}`);
  const createdAtMs = Date.now();
  const timer = setInterval(feed, 100);
  try {
    await world.until('the wide one to be let go', () => world.witness.timesLetGo('wide') === 1);
  } finally {
    clearInterval(timer);
  }
  const letGoAtMs = Date.now();
  // What was promised it never moved, and held: by then, or a timeout of what was in its way later.
  const promises = events.flatMap((event) => (event.kind === 'decided' ? event.snapshot.grants : []));
  const promised = new Set(promises.filter((grant) => grant.runId === id).map((grant) => grant.promisedAtMs));
  expect(promised.size).toBeLessThanOrEqual(1);
  const [promisedAtMs = createdAtMs + 300] = promised;
  expect(letGoAtMs).toBeLessThanOrEqual(promisedAtMs + 5_000);
  await world.until('it to be done', () => world.reasonOf('wide') === 'Succeeded');
  for (const platform of all) expect(world.witness.peak(platform)).toBe(1);
});

test('n: a run cancelled while held, and one whose pipeline does not exist, are no samples', async () => {
  await world.begin({ pools: { runs: 1 } });
  world.create('lost', { task: 'waits' });
  await world.until('it to be let go', () => world.witness.timesLetGo('lost') === 1);
  // As Tekton ends one that it cannot resolve: begun and ended at once, nothing executed.
  world.change('lost', (run) => {
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    const conditions = [
      { type: 'Succeeded', status: 'False', reason: 'CouldntGetPipeline', lastTransitionTime: now },
    ];
    return { ...run, status: { startTime: now, completionTime: now, conditions } };
  });
  world.create('busy', { task: 'waits' });
  await world.until('it to run', () => world.isRunning('busy'));
  world.create('cancelled');
  world.change('cancelled', (run) => ({ ...run, spec: { ...run.spec, status: 'Cancelled' } }));
  await world.until('it to have ended', () => world.reasonOf('cancelled') === 'Cancelled');
  world.letEnd('busy');
  const samples = () => world.store.samples({ perSeries: 10, limit: 10 });
  await world.until('the sample of the other', async () => (await samples()).length > 0);
  expect((await samples()).map(({ runId }) => runId.split('@')[0])).toEqual(['shop/busy']);
});

test('p: runs that others let go, and finally tasks of a run cancelled while held, count as use for all later starts', async () => {
  await world.begin({ pools: { runs: 2 } });
  world.create('blocker-1', { task: 'waits' });
  world.create('blocker-2', { task: 'waits' });
  await world.until('both to run', () => world.isRunning('blocker-1') && world.isRunning('blocker-2'));
  world.create('impatient', { task: 'waits' });
  world.create('cleaning');
  world.create('patient');
  world.change('impatient', (run) => ({ ...run, spec: { ...run.spec, status: '' } }));
  world.change('cleaning', (run) => ({
    ...run,
    spec: { ...run.spec, status: 'CancelledRunFinally' },
    status: {
      startTime: '2026-11-20T14:00:00Z',
      conditions: [{ type: 'Succeeded', status: 'Unknown', reason: 'CancelledRunningFinally' }],
    },
  }));
  await world.until('it to run', () => world.isRunning('impatient'));
  world.letEnd('blocker-1');
  world.letEnd('blocker-2');
  await allSucceed(2);
  world.create('marker', { namespace: 'plain' });
  await allSucceed(3);
  expect(world.isHeld('patient')).toBe(true);
  world.letEnd('impatient');
  await allSucceed(5);
});

test('q: a watch that answers with an ERROR event of 410 is followed by a list before anything is decided', async () => {
  world.server.faults.add({
    method: 'GET',
    watch: true,
    path: /pipelineruns/,
    fault: { kind: 'watch', afterLines: 0, ending: 'error-410' },
    times: 3,
  });
  await world.begin({ pools: { runs: 1 } });
  for (const name of names(5)) world.create(name);
  await allSucceed(5);
  expect(world.server.faults.left).toBe(0);
  expect(world.witness.peak()).toBe(1);
});
