/** The history of a policy on the command line: in, out, and in again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

const policy = (name: string): string =>
  JSON.stringify({
    apiVersion: 'penstock.dev/v1alpha1',
    kind: 'PipelineExecutionPolicy',
    metadata: { name },
    spec: {
      enabled: false,
      content: {
        pipelineSpec: {
          tasks: [{ name: 'a', taskSpec: { steps: [{ name: 's', script: `: ${name}` }] } }],
        },
      },
      schedule: { type: 'daily', startTime: '02:00' },
      timeWindow: { length: '1h' },
    },
  });

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace();
  for (const name of ['audit', 'copy', 'large']) {
    await place.write(`${name}.yaml`, policy(name));
    expect((await place.penstock('policy', 'apply', `${name}.yaml`)).status).toBe(0);
  }
});
afterAll(() => place.dispose());

const json = async (...args: readonly string[]) => {
  const { status, stdout } = await place.penstock(...args, '--json');
  return { status, body: JSON.parse(stdout) };
};
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

test('what can be no run is left out by line, and the rest is taken once', async () => {
  const rows = [
    `good,shop,${hoursAgo(2)},60000,succeeded`,
    `zero,shop,${hoursAgo(3)},0,failed`,
    `good,shop,${hoursAgo(2)},1,succeeded`,
    `less,shop,${hoursAgo(3)},-1,succeeded`,
    `none,shop,${hoursAgo(3)},NaN,succeeded`,
    `wild,shop,${hoursAgo(3)},1e15,succeeded`,
    `soon,shop,${hoursAgo(-50)},5,succeeded`,
    'past,shop,2001-01-01T00:00:00Z,5,succeeded',
  ];
  const file = await place.write('runs.csv', ['id,project,startedAt,durationMs,outcome', ...rows].join('\n'));
  const taken = await json('history', 'import', file, '--policy', 'audit');
  expect(taken.body).toMatchObject({ added: 2, known: 0, tooOld: 1, zeros: 1, rows: 8 });
  expect(taken.body.leftOut).toMatchObject({
    rows: 5,
    byReason: { duplicate: 1, 'negative-duration': 1, malformed: 1, 'too-long': 1, 'in-future': 1 },
  });
  expect(taken.body.leftOut.first.map(({ line }: { line: number }) => line)).toEqual([4, 5, 6, 7, 8]);
  const again = await json('history', 'import', file, '--policy', 'audit');
  expect(again.body).toMatchObject({ added: 0, known: 2 });
  const seen = await json('policy', 'history', 'audit', '--by', 'day');
  expect(seen.body.all).toMatchObject({ runs: 2, outcomes: { succeeded: 1, failed: 1 } });
  expect(seen.body.all.durationMs).toMatchObject({ max: 60_000 });
});

test('an export read again is the same history, with profiles in JSON lines', async () => {
  const task = { task: 'scan', fromMs: 0, toMs: 50_000, platform: 'linux/arm64' };
  const profile = { tasks: [{ ...task, cpuRequestMillis: 250, memoryRequestBytes: null }], tasksLeftOut: 0 };
  const run = {
    id: 'a "quoted", id',
    project: 'bank, of all',
    branch: 'main',
    contentHash: 'c0',
    configHash: 'f0',
    cause: 'test-run',
    outcome: 'failed',
    failureReason: 'said "no",\nand left',
    startedAt: hoursAgo(5),
    queuedMs: 7,
    durationMs: 60_000,
    jobSeconds: 50.5,
    cpuSeconds: 1.5,
    peakMemoryBytes: 1024,
    profile,
  };
  const file = await place.write('runs.jsonl', JSON.stringify(run));
  expect((await json('history', 'import', file, '--policy', 'audit')).body.added).toBe(1);
  const lines = (await place.penstock('history', 'export', '--policy', 'audit')).stdout;
  const exported = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(exported.find(({ id }) => id === run.id)).toEqual(run);

  await place.write('out.jsonl', lines);
  const csv = (await place.penstock('history', 'export', '--policy', 'audit', '--format', 'csv')).stdout;
  await place.write('out.csv', csv);
  expect((await json('history', 'import', 'out.jsonl', '--policy', 'copy')).body.added).toBe(3);
  expect((await json('history', 'import', 'out.csv', '--policy', 'copy')).body).toMatchObject({
    added: 0,
    known: 3,
  });
  expect((await place.penstock('history', 'export', '--policy', 'copy')).stdout).toBe(lines);
});

test('thousands of rows go in and come out in pages', async () => {
  const rows = Array.from({ length: 1_234 }, (_, place) => `p${place % 7},${1 + (place % 50)},${place}`);
  const file = await place.write('many.csv', ['project,duration_s,seq', ...rows].join('\n'));
  expect((await json('history', 'import', file, '--policy', 'large')).body.added).toBe(1_234);
  expect((await json('history', 'import', file, '--policy', 'large')).body.known).toBe(1_234);
  const lines = (await place.penstock('history', 'export', '--policy', 'large')).stdout.trim().split('\n');
  expect(new Set(lines).size).toBe(1_234);
});

test.each([
  [['history', 'import', 'runs.csv', '--policy', 'nobody'], 'policy-unknown'],
  [['history', 'import', 'missing.csv', '--policy', 'audit'], 'file-not-found'],
  [['history', 'export', '--policy', 'audit', '--format', 'xml'], 'usage'],
  [['history', 'export', '--policy', 'nobody'], 'policy-unknown'],
  [['policy', 'history', 'audit', '--by', 'hour'], 'request-invalid'],
])('%j is refused', async (args, code) => {
  const { status, body } = await json(...args);
  expect([status, body.code]).toEqual([1, code]);
});
