/** One run as people read it, with its tasks where they are known. */
import { expect, test } from 'vitest';
import { runText } from '../../src/cli/text/runs.ts';

const run: Parameters<typeof runText>[0] = {
  id: 'shop/build@1a2b3c4d',
  project: 'shop',
  tenant: 'retail',
  priority: 'normal',
  requests: { runs: 1 },
  contentHash: 'c0ffee',
  timeoutMs: null,
  state: 'succeeded',
  ours: true,
  heldSinceMs: 0,
  startedAtMs: 1_000,
  finishedAtMs: 91_000,
  outcome: 'succeeded',
  outcomeReason: null,
  usage: null,
  profile: null,
};
const unknown = { platform: null, cpuRequestMillis: null, memoryRequestBytes: null };

test('tasks come as a table below the facts', () => {
  const tasks = [
    {
      task: 'clone',
      fromMs: 0,
      toMs: 4_200,
      platform: null,
      cpuRequestMillis: 250,
      memoryRequestBytes: 64 * 2 ** 20,
    },
    { ...unknown, task: 'build', fromMs: 4_200, toMs: 90_000, platform: 'linux/arm64' },
  ];
  const text = runText({ ...run, profile: { tasks, tasksLeftOut: 3 } }, 100_000);
  expect(text.split('\n\n')[1]?.split('\n')).toEqual([
    'TASK     FROM           TO  PLATFORM      CPU  MEMORY',
    'clone    +0 s       +4.2 s               0.25  64 MiB',
    'build  +4.2 s  +1 min 30 s  linux/arm64',
    'and 3 shorter ones',
  ]);
});

test('columns that would be empty are left out, and without tasks there is no table', () => {
  const tasks = [{ ...unknown, task: 'work', fromMs: 0, toMs: 90_000 }];
  expect(runText({ ...run, profile: { tasks, tasksLeftOut: 0 } }, 100_000)).toMatch(/\n\nTASK +FROM +TO\n/);
  expect(runText(run, 100_000)).not.toContain('TASK');
});
