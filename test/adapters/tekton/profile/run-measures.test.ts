/** What is gathered of a run while it is there, and said when it has ended. */
import { expect, test } from 'vitest';
import { RunMeasures } from '../../../../src/adapters/tekton/profile/run-measures.ts';
import type { SeenPod } from '../../../../src/adapters/tekton/profile/seen-pod.ts';
import type { SeenTaskRun } from '../../../../src/adapters/tekton/seen-task-run.ts';

const START_MS = 1_000_000;
const run = { uid: 'run', startedAtMs: START_MS, endedAtMs: START_MS + 60_000 };

function aTask(task: string, given: Partial<SeenTaskRun> = {}): SeenTaskRun {
  const identity = { uid: `${task}-uid`, namespace: 'shop', runUid: 'run', task, platform: null };
  const times = { startedAtMs: START_MS + 5_000, finishedAtMs: START_MS + 20_000 };
  return { ...identity, isDone: true, ...times, ...given };
}

function aPod(taskRunUid: string, cpuMillis: number): SeenPod {
  const identity = {
    uid: `${taskRunUid}-pod`,
    namespace: 'shop',
    name: taskRunUid,
    taskRunUid,
    runUid: 'run',
  };
  return {
    ...identity,
    requests: { cpuMillis, memoryBytes: 100 },
    startedAtMs: START_MS,
    finishedAtMs: null,
  };
}

const spansOf = (measures: RunMeasures, ended = run) =>
  measures.of(ended).profile?.tasks.map(({ task, fromMs, toMs }) => [task, fromMs, toMs]);

test('a task has its times since the start of the run, its platform, and what its pod reserved', () => {
  const measures = new RunMeasures();
  measures.saw(aTask('build', { platform: 'linux/arm64' }));
  measures.sawPod(aPod('build-uid', 250));
  expect(measures.of(run).profile).toEqual({
    tasks: [
      {
        task: 'build',
        fromMs: 5_000,
        toMs: 20_000,
        platform: 'linux/arm64',
        cpuRequestMillis: 250,
        memoryRequestBytes: 100,
      },
    ],
    tasksLeftOut: 0,
  });
});

test('the last state of a task counts; one whose end was not seen ended with its run, one that never began is left out', () => {
  const measures = new RunMeasures();
  measures.saw(aTask('build', { finishedAtMs: null, isDone: false }));
  measures.saw(aTask('build'));
  measures.saw(aTask('sign', { startedAtMs: START_MS + 30_000, finishedAtMs: null, isDone: false }));
  measures.saw(aTask('never', { startedAtMs: null, finishedAtMs: null, isDone: false }));
  expect(spansOf(measures)).toEqual([
    ['build', 5_000, 20_000],
    ['sign', 30_000, 60_000],
  ]);
});

test('of the pods of a task that was tried again the larger one counts, and none is nothing known', () => {
  const measures = new RunMeasures();
  measures.saw(aTask('build'));
  measures.saw(aTask('sign'));
  for (const cpuMillis of [100, 400, 250]) measures.sawPod(aPod('build-uid', cpuMillis));
  expect(measures.of(run).profile?.tasks.map(({ cpuRequestMillis }) => cpuRequestMillis)).toEqual([
    400,
    null,
  ]);
});

test('a run that never started, or that is dropped, has no profile; late words of its tasks are not kept', () => {
  const measures = new RunMeasures();
  measures.saw(aTask('build'));
  expect(measures.of({ ...run, startedAtMs: null }).profile).toBeNull();
  measures.drop('run');
  measures.saw(aTask('sign'));
  expect(measures.of(run).profile).toBeNull();
});
