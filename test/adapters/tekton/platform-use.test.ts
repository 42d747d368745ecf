/** Use of platforms by TaskRuns beyond what their runs asked for. */
import { expect, test } from 'vitest';
import { platformUse } from '../../../src/adapters/tekton/platform-use.ts';
import { type SeenTaskRun, seenTaskRun } from '../../../src/adapters/tekton/seen-task-run.ts';
import type { Requests } from '../../../src/core/model/run.ts';

function task(changes: Partial<SeenTaskRun>): SeenTaskRun {
  const usual = { uid: 't1', namespace: 'shop', runUid: 'r1', task: 'build', platform: 'linux/arm64' };
  return { ...usual, isDone: false, startedAtMs: 0, finishedAtMs: null, ...changes };
}

function use(taskRuns: readonly SeenTaskRun[], asked: Readonly<Record<string, Requests>> = {}) {
  const pools: readonly (string | null)[] = ['linux/arm64', 'linux/s390x'];
  const poolOf = (platform: string) => (pools.includes(platform) ? platform : null);
  return Object.fromEntries(platformUse({ taskRuns, askedBy: (uid) => asked[uid] ?? null, poolOf }).beyond);
}

test('a platform a run asked for and its TaskRun count once', () => {
  expect(use([task({})], { r1: { runs: 1, 'linux/arm64': 1 } })).toEqual({});
});

test('two tasks at once on a platform asked for once use one more', () => {
  expect(use([task({}), task({ task: 'test' })], { r1: { runs: 1, 'linux/arm64': 1 } })).toEqual({
    'linux/arm64': 1,
  });
});

test('a platform that was not declared counts, and so does a TaskRun on its own', () => {
  expect(
    use([task({ platform: 'linux/s390x' }), task({ runUid: null, platform: 'linux/s390x' })], {
      r1: { runs: 1, 'linux/arm64': 1 },
    }),
  ).toEqual({ 'linux/s390x': 2 });
});

test('what is done, needs no pool, or provisions a machine counts for nothing', () => {
  const nothing = [
    task({ isDone: true }),
    task({ platform: null }),
    task({ platform: 'local' }),
    task({ namespace: 'multi-platform-controller', runUid: null }),
  ];
  expect(use(nothing)).toEqual({});
});

test('a TaskRun names its platform by label or param, and its run by owner', () => {
  const metadata = {
    name: 'build-x-compile',
    namespace: 'shop',
    uid: 't',
    resourceVersion: '1',
    labels: { 'tekton.dev/pipelineTask': 'compile' },
    ownerReferences: [{ kind: 'PipelineRun', uid: 'r1' }],
  };
  const spec = { params: [{ name: 'PLATFORM', value: 'linux/s390x' }] };
  const status = {
    startTime: '2026-11-20T14:00:00Z',
    completionTime: '2026-11-20T14:01:00Z',
    conditions: [{ type: 'Succeeded', status: 'False' }],
  };
  expect(seenTaskRun({ metadata, spec, status })).toEqual({
    namespace: 'shop',
    runUid: 'r1',
    task: 'compile',
    platform: 'linux/s390x',
    isDone: true,
    startedAtMs: Date.parse('2026-11-20T14:00:00Z'),
    finishedAtMs: Date.parse('2026-11-20T14:01:00Z'),
  });
  const labels = { ...metadata.labels, 'build.appstudio.redhat.com/target-platform': 'linux-arm64' };
  expect(seenTaskRun({ metadata: { ...metadata, labels }, spec }).platform).toBe('linux-arm64');
  expect(seenTaskRun({ metadata, spec: { params: 'nonsense' } }).platform).toBeNull();
});
