/**
 * What went wrong in Pipelines-as-Code's `concurrency_limit`, one test for each numbered
 * failure, with the same circumstances. Its queue lives in memory and believes its own
 * annotations; Penstock's answer is to believe only what is listed.
 *
 * The real API server and processes that are really killed: test/cluster/survival.cluster.test.ts.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../fakes/kubernetes/objects.ts';
import { MemoryStore } from '../../../fakes/memory-store.ts';
import { PenstockWorld } from './penstock-world.ts';
import { isPending } from './witness.ts';

const START = /\/pipelineruns\/[^?]+\?.*timeout=/;

let world: PenstockWorld;
beforeEach(async () => {
  world = await PenstockWorld.open();
});
afterEach(() => world.dispose());

function names(count: number, prefix = 'build'): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function allSucceed(count: number): Promise<void> {
  await world.until(`${count} runs to succeed`, () => world.succeeded() === count);
}

test('P1: runs that queue while Penstock is down are all started after it, never more than the cap', async () => {
  const first = await world.begin({ pools: { runs: 2 } });
  world.create('build-0', { task: 'waits' });
  await world.until('one to run', () => world.isRunning('build-0'));
  await first.kill();
  for (const name of names(6, 'queued')) world.create(name);
  await world.begin({ pools: { runs: 2 } });
  await world.until('all but the one to be done', () => world.succeeded() === 6);
  expect(world.isRunning('build-0')).toBe(true);
  expect(world.witness.peak()).toBe(2);
  world.letEnd('build-0');
  await allSucceed(7);
});

test('P2: a start that is refused because the run was let go by somebody else frees no slot', async () => {
  let taken = 0;
  world.server.store.admissions.push((after, before, { plural, operation }) => {
    if (plural !== 'pipelineruns' || operation !== 'update' || before === null || taken >= 2) return;
    if (!isPending(before) || isPending(after)) return;
    taken += 1;
    // Somebody else was quicker by a moment: the tests of the patch fail.
    world.change(after.metadata.name ?? '', (run) => ({ ...run, spec: { ...run.spec, status: '' } }));
    throw new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request');
  });
  for (const name of names(9)) world.create(name, { task: 'waits' });
  await world.begin({ pools: { runs: 3 } });
  await world.until('the cap to be reached', () => world.witness.busy() === 3);
  for (const name of names(9)) {
    await world.until(`${name} to run`, () => world.isRunning(name));
    world.letEnd(name);
  }
  await allSucceed(9);
  expect(taken).toBe(2);
  expect(world.witness.peak()).toBe(3);
});

describe('P3', () => {
  test.each([
    ['reset', 1],
    ['hang', 1],
    ['reset', 4],
    ['close', 4],
  ] as const)(
    'a start whose answer is lost (%s, %i times) though it was committed frees no slot',
    async (ending, times) => {
      world.server.faults.add({ method: 'PATCH', path: START, fault: { kind: 'apply', ending }, times });
      for (const name of names(8)) world.create(name, { task: 'waits' });
      await world.begin({ pools: { runs: 2 } });
      for (const _ of names(8)) {
        await world.until(
          'two to run, or the last',
          () => world.witness.busy() === Math.min(2, 8 - world.succeeded()),
        );
        const running = names(8).find((name) => world.isRunning(name));
        if (running === undefined) continue;
        world.letEnd(running);
      }
      for (const name of names(8)) {
        await world.until(`${name} to run or be done`, () => !world.isHeld(name));
        world.letEnd(name);
      }
      await allSucceed(8);
      expect(world.witness.peak()).toBe(2);
      expect(world.server.faults.left).toBe(0);
      for (const name of names(8)) expect(world.executions(name)).toBe(1);
    },
  );

  test('nor does one that is lost while the watch is dead, so that nobody sees that it was committed', async () => {
    const penstock = await world.begin({ pools: { runs: 1 } });
    await world.until('a first pass', () => penstock.loop.view() !== null);
    world.server.faults.add({ method: 'PATCH', path: START, fault: { kind: 'apply', ending: 'reset' } });
    world.server.faults.add({
      method: 'GET',
      watch: true,
      path: /pipelineruns/,
      fault: { kind: 'ignore', ending: 'reset' },
      times: 3,
    });
    world.create('first', { task: 'waits' });
    world.create('second');
    await world.until('the first to be let go', () => world.witness.letGo.length === 1);
    world.server.endWatches();
    const [letGo = ''] = world.witness.letGo;
    await world.until(
      'it to be seen running',
      () => penstock.loop.view()?.observation.runs.some((run) => run.state === 'running') === true,
    );
    expect(world.witness.peak()).toBe(1);
    world.letEnd(letGo);
    await world.until('the other to be let go', () => world.witness.letGo.length === 2);
    world.letEnd(world.witness.letGo[1] ?? '');
    await allSucceed(2);
    expect(world.witness.peak()).toBe(1);
  });

  test('a candidate whose start fails again and again is not lost, and holds up nobody', async () => {
    world.server.faults.add({
      method: 'PATCH',
      path: /unlucky/,
      fault: { kind: 'answer', code: 500 },
      times: 3,
    });
    world.server.faults.add({
      method: 'PATCH',
      path: /unlucky/,
      fault: { kind: 'answer', code: 429, retryAfterSeconds: 0 },
      times: 2,
    });
    world.create('a-unlucky');
    for (const name of names(4)) world.create(name);
    await world.begin({ pools: { runs: 2 }, settings: { startDeadlineMs: 1_000 } });
    await allSucceed(5);
    expect(world.executions('a-unlucky')).toBe(1);
    expect(world.witness.peak()).toBeLessThanOrEqual(2);
  });

  test('the deletion of a run that is running lets the next one go', async () => {
    world.create('a-first', { task: 'waits' });
    await world.begin({ pools: { runs: 1 } });
    await world.until('it to run', () => world.isRunning('a-first'));
    world.create('next');
    world.remove('a-first');
    await allSucceed(1);
  });
});

test('P4: a finished run that annotations still call started occupies no slot, also after a restart', async () => {
  const annotations = {
    'pipelinesascode.tekton.dev/state': 'started',
    'penstock.dev/started-by': 'a-former-one',
  };
  for (const name of names(3, 'old')) {
    world.create(name, { namespace: 'plain', annotations, spec: { status: '' } });
  }
  await allSucceed(3);
  const first = await world.begin({ pools: { runs: 1 } });
  world.create('a');
  await allSucceed(4);
  await first.kill();
  world.create('b');
  // Not even its own data is there any more.
  await world.begin({ pools: { runs: 1 }, store: new MemoryStore() });
  await allSucceed(5);
});

describe('P5', () => {
  test('one run that cannot be understood stops no other, neither at first nor after a restart', async () => {
    world.create('broken', { annotations: { 'requests.penstock.dev/linux-arm64': 'many' } });
    world.create('a');
    const first = await world.begin({ pools: { runs: 1, 'linux/arm64': 1 } });
    await allSucceed(1);
    await first.kill();
    world.create('b');
    const second = await world.begin({ pools: { runs: 1, 'linux/arm64': 1 } });
    await allSucceed(2);
    expect(world.isHeld('broken')).toBe(true);
    expect(await second.why('broken')).toContain('requests.penstock.dev/linux-arm64');
  });

  test('a limit that is changed or removed acts at once, with no other event', async () => {
    const limit = (annotations: Record<string, string>): void => {
      world.server.store.update('namespaces', undefined, 'shop', (namespace) => ({
        ...namespace,
        metadata: { ...namespace.metadata, annotations },
      }));
    };
    limit({ 'caps.penstock.dev/runs': '1' });
    for (const name of names(6)) world.create(name, { task: 'waits' });
    await world.begin({ pools: { runs: 4 } });
    await world.until('one to run', () => world.witness.busy() === 1);
    limit({ 'caps.penstock.dev/runs': '3' });
    await world.until('three to run', () => world.witness.busy() === 3);
    expect(world.witness.peak()).toBe(3);
    limit({});
    await world.until('four to run', () => world.witness.busy() === 4);
    expect(world.witness.peak()).toBe(4);
  });
});

describe('P6', () => {
  test.each([
    ['with no spec but its status', { spec: { status: 'PipelineRunPending', pipelineSpec: null } }],
    [
      'with a spec of no sense',
      { spec: { status: 'PipelineRunPending', pipelineSpec: { tasks: 'none' }, params: 7, timeouts: [] } },
    ],
    [
      'with annotations of a queue',
      {
        spec: { status: 'PipelineRunPending' },
        annotations: {
          'pipelinesascode.tekton.dev/state': 'queued',
          'pipelinesascode.tekton.dev/execution-order': ',,/',
        },
      },
    ],
  ])("somebody else's pending run %s crashes nothing and is left alone", async (_, options) => {
    world.create('foreign', options);
    const before = world.run('foreign');
    await world.begin();
    for (const name of names(4)) world.create(name);
    await allSucceed(4);
    expect(world.run('foreign')).toEqual(before);
  });

  test('many runs that come, go and change at the same time disturb nothing', async () => {
    const penstock = await world.begin({ pools: { runs: 5 } });
    for (const name of names(60)) {
      world.create(name);
      if (name.endsWith('7')) world.remove(name);
      else if (name.endsWith('3'))
        world.change(name, (run) => ({
          ...run,
          metadata: { ...run.metadata, labels: { ...run.metadata.labels, seen: 'yes' } },
        }));
      if (name.endsWith('0')) await new Promise((resolve) => setImmediate(resolve));
    }
    await allSucceed(54);
    expect(world.witness.peak()).toBeLessThanOrEqual(5);
    expect(penstock.loop.health().doubts).toEqual([]);
  });
});

test('P7: held runs that a clean-up deletes leave no hole, and the queue goes on', async () => {
  for (const name of names(12)) world.create(name, { task: 'waits' });
  await world.begin({ pools: { runs: 2 } });
  await world.until('two to run', () => names(12).filter((name) => world.isRunning(name)).length === 2);
  const held = names(12).filter((name) => world.isHeld(name));
  for (const name of held.slice(0, 7)) world.remove(name);
  const left = names(12).filter((name) => world.run(name) !== null);
  expect(left).toHaveLength(5);
  for (const name of left) world.letEnd(name);
  await allSucceed(5);
  expect(world.witness.peak()).toBe(2);
});

describe('P8', () => {
  test('another writer on the run at the very moment of its start keeps it from nothing', async () => {
    let writes = 0;
    world.server.store.admissions.push((after, before, { plural, operation }) => {
      if (plural !== 'pipelineruns' || operation !== 'update' || before === null || writes >= 3) return;
      if (!isPending(before) || isPending(after)) return;
      writes += 1;
      world.change(after.metadata.name ?? '', (run) => ({
        ...run,
        metadata: {
          ...run.metadata,
          annotations: {
            ...run.metadata.annotations,
            'pipelinesascode.tekton.dev/check-run-id': `${writes}`,
          },
        },
      }));
      // What optimistic locking tells a writer that was overtaken.
      throw new Refusal(
        409,
        'Conflict',
        'the object has been modified; please apply your changes to the latest version',
      );
    });
    for (const name of names(5)) world.create(name);
    await world.begin();
    await allSucceed(5);
    expect(writes).toBe(3);
    expect(world.witness.peak()).toBeLessThanOrEqual(2);
    for (const name of names(5)) expect(world.executions(name)).toBe(1);
  });

  test('Penstock never sets a run pending again, and one that another writer sets back is not started twice', async () => {
    let setBack = false;
    world.server.store.subscribe(({ plural, before, after }) => {
      if (plural !== 'pipelineruns' || before === null || after === null || setBack) return;
      if (!isPending(before) || isPending(after)) return;
      setBack = true;
      world.change(after.metadata.name ?? '', (run) => ({
        ...run,
        spec: { ...run.spec, status: 'PipelineRunPending' },
      }));
    });
    world.create('raced');
    const penstock = await world.begin({ pools: { runs: 1 } });
    await world.until('it to be set back', () => setBack);
    world.create('other');
    await allSucceed(1);
    await world.until('the reason', async () => (await penstock.why('raced')).includes('set back'));
    expect(world.witness.timesLetGo('raced')).toBe(1);
    expect(world.isHeld('raced')).toBe(true);
    expect(await penstock.why('raced')).toMatch(/started once.*set back to pending/);
    expect(
      world.server.requests.filter(
        ({ method, body }) =>
          method !== 'GET' && body.includes('PipelineRunPending') && !body.includes('"test"'),
      ),
    ).toEqual([]);
  });
});

test("P9: a run that was let go says so where others look: not pending, no reason to wait, an Event, and others' annotations as they were", async () => {
  const theirs = {
    'pipelinesascode.tekton.dev/state': 'queued',
    'pipelinesascode.tekton.dev/check-run-id': '77',
  };
  world.create('first', { task: 'waits' });
  const penstock = await world.begin({ pools: { runs: 1 } });
  await world.until('the first to run', () => world.isRunning('first'));
  world.create('build', { task: 'waits', annotations: theirs });
  await world.until('it to be queued', async () => (await penstock.why('build')) !== '');
  const { entries } = await penstock.penstock.queue(new AbortController().signal);
  penstock.engine.can.explain?.(
    entries.map(({ run, because, position, startsAtMs, finishesAtMs }) => ({
      id: run.id,
      because,
      reasonKey: 'full',
      position,
      startsAtMs,
      finishesAtMs,
    })),
  );
  await world.until(
    'the reason to be on it',
    () => world.run('build')?.metadata.annotations?.['penstock.dev/reason'] !== undefined,
  );
  world.letEnd('first');
  await world.until('it to run', () => world.isRunning('build'));
  const { annotations = {} } = world.run('build')?.metadata ?? {};
  expect(annotations).toMatchObject(theirs);
  expect(Object.keys(annotations)).not.toContain('penstock.dev/reason');
  expect(Object.keys(annotations)).not.toContain('penstock.dev/position');
  await world.until('the Event', () =>
    world.server.store
      .list('events')
      .some((event) => event.reason === 'Started' && JSON.stringify(event).includes('"build"')),
  );
});

test('P10: of two replicas with a lease one starts runs; when it is killed the other goes on, the cap holds', async () => {
  const options = { pools: { runs: 2 }, leaseMs: 3_000 };
  const first = await world.begin({ ...options, store: new MemoryStore() });
  await world.until(
    'the first to lead',
    () => first.loop.health().following === null && first.loop.view() !== null,
  );
  const second = await world.begin({ ...options, store: new MemoryStore() });
  await world.until('the second to follow', () => second.loop.health().following !== null);
  for (const name of names(3)) world.create(name, { task: 'waits' });
  await world.until('two to run', () => names(3).filter((name) => world.isRunning(name)).length === 2);
  await world.kill(first);
  for (const name of names(3)) world.letEnd(name);
  for (const name of names(6, 'more')) world.create(name);
  await allSucceed(9);
  expect(world.witness.peak()).toBe(2);
  for (const name of world.witness.letGo) expect(world.witness.timesLetGo(name)).toBe(1);
});
