/** What the local engine makes of Tekton's fields, seen from the logs and outcomes of real runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TaskSpan } from '../../../src/core/model/profile.ts';
import { LocalWorld, onePipeline, pipeline, pipelineRun, task } from './local-world.ts';

let world: LocalWorld;
beforeAll(async () => {
  world = await LocalWorld.open({ graceMs: 300, projectFolder: () => '/projects/shop' });
});
afterAll(() => world.dispose());

function steps(...list: readonly object[]): string {
  return pipeline({ tasks: [{ name: 'work', taskSpec: { steps: list } }] });
}

describe('steps', () => {
  test('a script without a first line runs under sh and stops at the first failing command', async () => {
    const run = await world.run('sh-1', onePipeline('echo one\nfalse\necho two'));
    expect(run.result).toMatchObject({
      outcome: 'failed',
      reason: 'task "work", step "do": exit code 1',
    });
    expect(await world.log(run.id, 'work/do')).toBe('one\n');
  });

  test('the first line of a script says what runs it', async () => {
    const run = await world.run('sh-2', onePipeline(`#!${process.execPath}\nconsole.log(6 * 7)`));
    expect(await world.log(run.id, 'work/do')).toBe('42\n');
  });

  test('a command gets its arguments as they are, and $(NAME) of its environment', async () => {
    const step = {
      name: 'do',
      env: [
        { name: 'WHO', value: 'ann' },
        { name: 'GREETING', value: 'hello $(WHO)' },
      ],
      command: ['printf', '[%s]'],
      args: ['a b', '$(GREETING)', '$$(WHO)', '$(NOBODY)'],
    };
    const run = await world.run('args-1', steps(step));
    expect(await world.log(run.id, 'work/do')).toBe('[a b][hello ann][$(WHO)][$(NOBODY)]');
  });

  test('a command that is not there fails the step and is named', async () => {
    const run = await world.run('args-2', steps({ name: 'do', command: ['no-such-command'] }));
    expect(run.result?.reason).toBe('task "work", step "do": no-such-command: command not found');
  });

  test('a step killed by a signal says which', async () => {
    const run = await world.run('kill-1', onePipeline('kill -SEGV $$'));
    expect(run.result?.reason).toBe('task "work", step "do": killed by SIGSEGV');
  });

  test('steps share the work folder of their run, and workingDir is inside it', async () => {
    const run = await world.run(
      'dir-1',
      steps(
        { name: 'a', script: 'mkdir -p src; echo 7 > src/n' },
        { name: 'b', workingDir: 'src', script: 'cat n' },
        { name: 'c', workingDir: 'new/deep', script: 'pwd' },
      ),
    );
    expect(await world.log(run.id, 'work/b')).toBe('7\n');
    expect(await world.log(run.id, 'work/c')).toMatch(/runs\/dir-1\/work\/new\/deep\n$/);
  });

  test('both outputs go to the log in their order, also through /dev/stderr', async () => {
    const script = 'echo 1\necho 2 >&2\necho 3 > /dev/stderr\necho 4 | tee /dev/stderr | wc -l';
    const run = await world.run('out-1', onePipeline(script));
    expect((await world.log(run.id, 'work/do')).replaceAll(/ +/g, '')).toBe('1\n2\n3\n4\n1\n');
  });

  test('a step sees its run and project and none of the secrets of the process that started it', async () => {
    const run = await world.run('env-1', onePipeline('env'));
    const names = (await world.log(run.id, 'work/do')).split('\n').map((line) => line.split('=')[0]);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'PENSTOCK_RUN', 'PENSTOCK_PROJECT_FOLDER']));
    expect(names).not.toContain('VITEST');
  });

  test('after a step that may fail the task goes on', async () => {
    const run = await world.run(
      'on-error-1',
      steps({ name: 'a', script: 'exit 4', onError: 'continue' }, { name: 'b', script: 'echo on' }),
    );
    expect(run.state).toBe('succeeded');
    expect(await world.log(run.id, 'work/b')).toBe('on\n');
  });

  test('a step has a timeout of its own', async () => {
    const run = await world.run('step-time-1', steps({ name: 'do', script: 'sleep 30', timeout: '200ms' }));
    expect(run.result).toMatchObject({
      outcome: 'timed-out',
      reason: 'the timeout of 200ms of step "do" in task "work" passed',
    });
  });
});

describe('parameters', () => {
  const declared = [
    { name: 'who', default: 'nobody' },
    { name: 'list', type: 'array', default: ['x', 'y z'] },
  ];

  test('defaults, values given for the run, and lists as arguments', async () => {
    const content = pipeline({
      params: declared,
      tasks: [
        {
          name: 'work',
          taskSpec: {
            steps: [
              {
                name: 'do',
                command: ['printf', '[%s]'],
                args: ['$(params.who)', '$(params.list[*])', '$(params["list"][1])'],
              },
            ],
          },
        },
      ],
    });
    const plain = await world.run('param-1', content);
    expect(await world.log(plain.id, 'work/do')).toBe('[nobody][x][y z][y z]');
    const given = await world.run('param-2', content, { params: { who: '$(params.list[0])', list: 'a,b' } });
    expect(await world.log(given.id, 'work/do')).toBe('[$(params.list[0])][a][b][b]');
  });

  test('a PipelineRun gives values, and a task passes its own on', async () => {
    const content = pipelineRun(
      { params: [{ name: 'who', value: 'ann' }] },
      {
        params: declared,
        tasks: [
          {
            name: 'work',
            params: [{ name: 'greeting', value: 'hello $(params.who)' }],
            taskSpec: {
              params: [{ name: 'greeting' }, { name: 'mark', default: '!' }],
              steps: [
                {
                  name: 'do',
                  script:
                    'echo "$(params.greeting)$(params.mark) $(context.pipelineRun.name) $(context.task.name)"',
                },
              ],
            },
          },
        ],
      },
    );
    const run = await world.run('param-3', content);
    expect(await world.log(run.id, 'work/do')).toBe('hello ann! param-3 work\n');
  });

  test('what the shell writes as $(...) stays with the shell', async () => {
    const run = await world.run(
      'param-4',
      onePipeline('params() { echo "$@"; }\necho $(params list) $(echo .)'),
    );
    expect(await world.log(run.id, 'work/do')).toBe('list .\n');
  });
});

describe('tasks', () => {
  test('run in the order of runAfter, and side by side where there is none', async () => {
    // Each of the two in the middle waits for the other: only side by side do both end.
    const meet = (own: string, other: string) =>
      `touch ${own}; while [ ! -e ${other} ]; do sleep 0.02; done; echo ${own} >> order`;
    const content = pipeline({
      tasks: [
        task('last', 'cat order; wc -l < order', { runAfter: ['left', 'right'] }),
        task('left', `test -e first; ${meet('l', 'r')}`, { runAfter: ['first'] }),
        task('right', `test -e first; ${meet('r', 'l')}`, { runAfter: ['first'] }),
        task('first', 'touch first'),
      ],
    });
    const run = await world.run('dag-1', content);
    expect(run.result).toMatchObject({ outcome: 'succeeded', reason: null });
    expect((await world.log(run.id, 'last/do')).trim().split('\n').at(-1)?.trim()).toBe('2');
  });

  test('after a failed task nothing new starts, what runs ends, and finally runs', async () => {
    const content = pipeline({
      tasks: [
        task('bad', 'exit 5'),
        task('long', 'sleep 0.3; echo done > long'),
        task('next', 'touch next', { runAfter: ['bad'] }),
        task('after-long', 'touch after-long', { runAfter: ['long'] }),
      ],
      finally: [
        task(
          'clean',
          'ls; echo $(tasks.bad.status) $(tasks.long.status) $(tasks.next.status) $(tasks.status)',
        ),
      ],
    });
    const run = await world.run('fail-1', content);
    expect(run.result).toMatchObject({ outcome: 'failed', reason: 'task "bad", step "do": exit code 5' });
    expect(await world.log(run.id, 'clean/do')).toBe('long\nFailed Succeeded None Failed\n');
  });

  test('a failing finally fails the run', async () => {
    const content = pipeline({ tasks: [task('good', 'true')], finally: [task('clean', 'exit 6')] });
    const run = await world.run('fail-2', content);
    expect(run.result?.reason).toBe('task "clean", step "do": exit code 6');
  });

  test('a task that may fail lets the pipeline go on', async () => {
    const content = pipeline({
      tasks: [
        task('lint', 'exit 1', { onError: 'continue' }),
        task('build', 'echo built', { runAfter: ['lint'] }),
      ],
    });
    const run = await world.run('fail-3', content);
    expect(run.state).toBe('succeeded');
    expect(await world.log(run.id, 'build/do')).toBe('built\n');
  });

  test('a failing task is tried again as often as it says, and the log of each attempt is kept', async () => {
    const content = pipeline({
      tasks: [task('flaky', 'echo x >> tries; cat tries; test $(wc -l < tries) -ge 3', { retries: 2 })],
    });
    const run = await world.run('retry-1', content);
    expect(run.state).toBe('succeeded');
    expect(await world.log(run.id, 'flaky/do')).toBe('x\n');
    expect(await world.log(run.id, 'flaky/do (retry 2)')).toBe('x\nx\nx\n');
  });

  test('when the last attempt fails too, the run fails and says how many there were', async () => {
    const content = pipeline({ tasks: [task('flaky', 'exit 9', { retries: 2 })] });
    const run = await world.run('retry-2', content);
    expect(run.result?.reason).toBe('task "flaky", step "do": exit code 9 (in the last of 3 attempts)');
  });

  test('results go from task to task and imply the order', async () => {
    const content = pipeline({
      tasks: [
        task('use', 'echo "got $(tasks.make.results.digest)"'),
        {
          name: 'make',
          taskSpec: {
            results: [{ name: 'digest' }],
            steps: [{ name: 'do', script: 'printf abc > $(results.digest.path)' }],
          },
        },
      ],
    });
    const run = await world.run('result-1', content);
    expect(run.result).toMatchObject({ outcome: 'succeeded', reason: null });
    expect(await world.log(run.id, 'use/do')).toBe('got abc\n');
  });

  test('a result nobody wrote fails the task that needs it, and leaves out a task of finally', async () => {
    const content = pipeline({
      tasks: [
        task('use', 'echo "$(tasks.make.results.digest)"'),
        {
          name: 'make',
          taskSpec: { results: [{ name: 'digest' }], steps: [{ name: 'do', script: 'true' }] },
        },
      ],
      finally: [task('report', 'echo "$(tasks.make.results.digest)"'), task('clean', 'echo cleaned')],
    });
    const run = await world.run('result-2', content);
    expect(run.result?.reason).toBe(
      'task "use", step "do": it needs result "digest" of task "make", which did not write it',
    );
    expect(await world.log(run.id, 'report/do')).toBe('(no such log)');
    expect(await world.log(run.id, 'clean/do')).toBe('cleaned\n');
  });
});

describe('timeouts', () => {
  test('of the whole pipeline: everything ends, finally does not run', async () => {
    const content = pipelineRun(
      { timeouts: { pipeline: '300ms' } },
      { tasks: [task('work', 'sleep 30')], finally: [task('clean', 'echo cleaned')] },
    );
    const run = await world.run('time-1', content);
    expect(run.result).toMatchObject({
      outcome: 'timed-out',
      reason: 'the timeout of 300ms of the whole pipeline passed',
    });
    expect(await world.log(run.id, 'clean/do')).toBe('(no such log)');
  });

  test('of the tasks: they end, and finally runs', async () => {
    const content = pipelineRun(
      { timeouts: { pipeline: '1m', tasks: '300ms' } },
      { tasks: [task('work', 'sleep 30')], finally: [task('clean', 'echo cleaned')] },
    );
    const run = await world.run('time-2', content);
    expect(run.result).toMatchObject({
      outcome: 'timed-out',
      reason: 'the timeout of 300ms of the tasks (timeouts.tasks) passed',
    });
    expect(await world.log(run.id, 'clean/do')).toBe('cleaned\n');
  });

  test('of one task, for each attempt', async () => {
    const content = pipeline({ tasks: [task('work', 'echo x; sleep 30', { timeout: '300ms', retries: 1 })] });
    const run = await world.run('time-3', content);
    expect(run.result?.reason).toBe('the timeout of 300ms of task "work" passed');
    expect(await world.log(run.id, 'work/do (retry 1)')).toBe('x\n');
  });

  test('of finally', async () => {
    const content = pipelineRun(
      { timeouts: { pipeline: '1m', finally: '200ms' } },
      { tasks: [task('work', 'true')], finally: [task('clean', 'sleep 30')] },
    );
    const run = await world.run('time-4', content);
    expect(run.result?.reason).toBe('the timeout of 200ms of finally (timeouts.finally) passed');
  });

  test('none is "0", an hour is the default, and the one asked for comes first', async () => {
    const none = pipelineRun({ timeouts: { pipeline: '0' } }, { tasks: [task('work', 'true')] });
    expect((await world.run('time-5', none)).timeoutMs).toBeNull();
    expect((await world.run('time-6', onePipeline('true'))).timeoutMs).toBe(3_600_000);
    expect((await world.run('time-7', none, { timeoutMs: 90_000 })).timeoutMs).toBe(90_000);
  });
});

test('a run that has ended says when each of its tasks ran, those of finally too', async () => {
  const content = pipeline({
    tasks: [task('first', 'sleep 0.1'), task('second', 'false', { runAfter: ['first'] })],
    finally: [task('last', 'true')],
  });
  const run = await world.run('profile-1', content);
  const spans = run.result?.profile?.tasks ?? [];
  expect(spans.map((span) => span.task)).toEqual(['first', 'second', 'last']);
  const [first, second, last] = spans as [TaskSpan, TaskSpan, TaskSpan];
  expect(first.toMs - first.fromMs).toBeGreaterThanOrEqual(100);
  expect(second.fromMs).toBeGreaterThanOrEqual(first.toMs);
  expect(last.fromMs).toBeGreaterThanOrEqual(second.toMs);
  expect(last.toMs).toBeLessThanOrEqual((run.finishedAtMs ?? 0) - (run.startedAtMs ?? 0));
  expect(last).toMatchObject({ platform: null, cpuRequestMillis: null, memoryRequestBytes: null });
});
