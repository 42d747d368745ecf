/** What is said of a run that has ended, also when everything of it is pruned at once. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFinished, type RunId } from '../../../src/core/model/run.ts';
import { never, TektonWorld } from './tekton-world.ts';

let world: TektonWorld;
beforeEach(async () => {
  world = await TektonWorld.open();
});
afterEach(() => world.dispose());

const START_MS = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number) => new Date(START_MS + seconds * 1000).toISOString();

/** A run of somebody else that went from second 0 to second 90, as its objects say. */
function createEndedRun(): RunId {
  const { store } = world.server;
  const { metadata } = store.create('pipelineruns', {
    metadata: { name: 'build', namespace: 'shop' },
    spec: { pipelineSpec: { tasks: [{ name: 'waits' }] } },
    status: {
      startTime: at(0),
      completionTime: at(90),
      childReferences: [{ kind: 'TaskRun', name: 'build-a' }],
      conditions: [{ type: 'Succeeded', status: 'True', reason: 'Succeeded' }],
    },
  });
  const task = (name: string, platform: string, [from, to]: readonly [number, number]) =>
    store.create('taskruns', {
      metadata: {
        name: `build-${name}`,
        namespace: 'shop',
        labels: { 'tekton.dev/pipelineTask': name },
        ownerReferences: [{ kind: 'PipelineRun', uid: metadata.uid }],
      },
      spec: { params: platform === '' ? [] : [{ name: 'PLATFORM', value: platform }] },
      status: {
        startTime: at(from),
        completionTime: at(to),
        conditions: [{ type: 'Succeeded', status: 'True' }],
      },
    });
  task('clone', '', [0, 10]);
  task('arm', 'linux/arm64', [10, 80]);
  task('s390x', 'linux/s390x', [10, 90]);
  return `shop/build@${(metadata.uid ?? '').slice(0, 8)}` as RunId;
}

const wanted = [
  { task: 'clone', fromMs: 0, toMs: 10_000, platform: null },
  { task: 'arm', fromMs: 10_000, toMs: 80_000, platform: 'linux/arm64' },
  { task: 's390x', fromMs: 10_000, toMs: 90_000, platform: 'linux/s390x' },
];

const ended = async (id: RunId) =>
  (await world.until(({ runs }) => runs.some((run) => run.id === id && isFinished(run.state)))).runs.find(
    (run) => run.id === id,
  );

test('a run that has ended has the profile of its tasks', async () => {
  const id = createEndedRun();
  // A first look lists the tasks before any run is shown.
  await world.engine.close();
  await world.reopen();
  const run = await ended(id);
  expect(run?.result?.profile?.tasks).toMatchObject(wanted);
  expect(run?.result?.profile?.tasksLeftOut).toBe(0);
  expect(run?.result?.usage).toBeNull();
});

test('pruned with its tasks, it is shown with its profile until history has it, and never again', async () => {
  const id = createEndedRun();
  // A first look lists the tasks before any run is shown.
  await world.engine.close();
  await world.reopen();
  await ended(id);
  const { store } = world.server;
  for (const name of ['clone', 'arm', 's390x']) store.remove('taskruns', 'shop', `build-${name}`);
  store.remove('pipelineruns', 'shop', 'build');
  await world.until(() => world.server.store.list('pipelineruns').length === 0);
  expect((await ended(id))?.result?.profile?.tasks).toMatchObject(wanted);
  await world.engine.can.forget?.([id]);
  const { runs } = await world.engine.observe({ fresh: true }, never);
  expect(runs.map((run) => run.id)).not.toContain(id);
});

test('a run that was cancelled while held has no profile', async () => {
  const [created] = await world.engine.create(
    [
      {
        id: 'never' as RunId,
        project: 'shop',
        tenant: 'retail',
        priority: 'normal',
        requests: { runs: 1 },
        content: world.content('succeeds'),
        params: {},
        timeoutMs: null,
      },
    ],
    never,
  );
  const id = created?.kind === 'created' ? created.id : ('' as RunId);
  await world.engine.cancel(id, 'not needed', never);
  expect((await ended(id))?.result).toMatchObject({ outcome: 'cancelled', profile: null, usage: null });
});
