/** Histories as people have them: GitLab's exports, Penstock's own, plain tables; and what is wrong with them. */
import { describe, expect, test } from 'vitest';
import { unnamedProjects } from '../../../src/documents/history/named-projects.ts';
import { readHistory } from '../../../src/documents/history/read-history.ts';
import type { History } from '../../../src/documents/history/sample.ts';

const NOW_MS = Date.UTC(2026, 10, 25);

function read(text: string): Promise<History> {
  return readHistory(text.split('\n'), { label: 'runs', nowMs: NOW_MS });
}

function pipeline(id: number, more: object = {}): object {
  return {
    id,
    project_id: 42,
    ref: 'main',
    status: 'success',
    source: 'pipeline_execution_policy_schedule',
    created_at: '2026-11-19T20:47:03.000Z',
    started_at: '2026-11-19T20:49:00.000Z',
    finished_at: '2026-11-19T20:55:43.000Z',
    duration: 402,
    queued_duration: 117,
    web_url: `https://gitlab.example.com/harbour/deep/pilot/-/pipelines/${id}`,
    ...more,
  };
}

function job(id: number, from: number, to: number, more: object = {}): object {
  const at = (s: number) => new Date(Date.UTC(2026, 10, 19, 20) + 1_000 * s).toISOString();
  return {
    id,
    name: `job-${id}`,
    stage: 'test',
    status: 'success',
    started_at: at(from),
    finished_at: at(to),
    duration: to - from,
    queued_duration: 2.5,
    allow_failure: false,
    web_url: `https://gitlab.example.com/harbour/pilot/-/jobs/${id}`,
    pipeline: { id: 7, project_id: 42, ref: 'main', status: 'success' },
    ...more,
  };
}

test('a project that one row has the id of and another the path is one project; others stay as ids', async () => {
  const { samples } = await read(
    [
      pipeline(1),
      pipeline(2, { web_url: undefined }),
      pipeline(3, { web_url: undefined, project_id: 43 }),
      pipeline(4, {
        web_url: 'https://gitlab.example.com/harbour/renamed/-/pipelines/4',
        started_at: '2026-11-20T20:49:00.000Z',
      }),
    ]
      .map((one) => JSON.stringify(one))
      .join('\n'),
  );
  expect(samples.map(({ key, project }) => `${key.slice(-1)} ${project}`).toSorted()).toEqual([
    '1 harbour/deep/pilot',
    '2 harbour/renamed',
    '3 #43',
    '4 harbour/renamed',
  ]);
  expect(unnamedProjects(samples)).toEqual(['#43']);
});

describe("GitLab's pipelines", () => {
  const wanted = {
    key: 'gitlab-pipeline-771204',
    project: 'harbour/deep/pilot',
    projectId: 42,
    branch: 'main',
    durationMs: 402_000,
    queuedMs: 117_000,
    outcome: 'succeeded',
    startedAtMs: Date.UTC(2026, 10, 19, 20, 49),
  };

  test.each([
    ['a list over several lines', JSON.stringify([pipeline(771204)], null, 2)],
    ['a list in one line', JSON.stringify([pipeline(771204)])],
    ['JSON lines', `${JSON.stringify(pipeline(771204))}\n`],
    ['pages, one list a line', `${JSON.stringify([pipeline(771204)])}\n${JSON.stringify([])}`],
    [
      'CSV with other columns and quotes',
      'id,note,status,ref,started_at,duration,queued_duration,web_url,project_id\n771204,"a, ""b""",success,main,2026-11-19 20:49:00 UTC,402,117,https://h/harbour/deep/pilot/-/pipelines/1,42',
    ],
    [
      'GraphQL',
      JSON.stringify({
        id: 'gid://gitlab/Ci::Pipeline/771204',
        status: 'SUCCESS',
        ref: 'main',
        startedAt: '2026-11-19T21:49:00+01:00',
        duration: 402,
        queuedDuration: 117,
        project: { fullPath: 'harbour/deep/pilot' },
        projectId: '42',
      }),
    ],
  ])('%s', async (_, text) => {
    const { format, samples, leftOut } = await read(text);
    expect(format).toBe('gitlab-pipelines');
    expect(leftOut).toEqual({ rows: 0, byReason: {}, first: [] });
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject(wanted);
  });

  test('statuses: time-outs by their reason, cancelled kept, skipped and unfinished left out', async () => {
    const rows = [
      pipeline(1, { status: 'failed' }),
      pipeline(2, { status: 'failed', failure_reason: 'job_execution_timeout' }),
      pipeline(3, { status: 'canceled', duration: 4 }),
      pipeline(4, { status: 'skipped' }),
      pipeline(5, { status: 'manual' }),
      pipeline(6, { status: 'new' }),
    ];
    const { samples, leftOut } = await read(JSON.stringify(rows));
    expect(samples.map(({ outcome }) => outcome).toSorted()).toEqual(['cancelled', 'failed', 'timed-out']);
    expect(leftOut.byReason).toEqual({ skipped: 1, unfinished: 1, malformed: 1 });
  });

  test('without a duration the moments say it; without them it is none', async () => {
    const rows = [
      pipeline(1, { duration: null }),
      pipeline(2, { duration: null, started_at: null, finished_at: null }),
    ];
    const { samples, leftOut } = await read(JSON.stringify(rows));
    expect(samples[0]?.durationMs).toBe(403_000);
    expect(leftOut.byReason).toEqual({ 'no-duration': 1 });
  });

  test('a list of pipelines, which has no durations, is refused with what to do', async () => {
    const {
      duration: _,
      started_at: __,
      finished_at: ___,
      ...basic
    } = pipeline(1) as Record<string, unknown>;
    await expect(read(JSON.stringify([{ ...basic, updated_at: '2026-11-19' }]))).rejects.toThrow(
      /lists of pipelines have no durations/,
    );
  });
});

describe("GitLab's jobs", () => {
  test('jobs become their pipeline: union of the latest attempts, gaps left out, a profile', async () => {
    const rows = [
      job(1, 0, 100, { name: 'build' }),
      job(2, 160, 220, { name: 'test', status: 'failed' }),
      job(3, 300, 380, { name: 'test' }),
      job(4, 300, 320, { name: 'lint', status: 'failed', allow_failure: true }),
      job(5, 0, 0, { name: 'later', status: 'skipped', started_at: null }),
    ];
    const { format, samples, leftOut } = await read(JSON.stringify(rows));
    expect(format).toBe('gitlab-jobs');
    expect(leftOut.byReason).toEqual({ skipped: 1 });
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject({
      key: 'gitlab-pipeline-7',
      project: 'harbour/pilot',
      outcome: 'succeeded',
      durationMs: 180_000,
      jobMs: 260_000,
      queuedMs: 2_500,
    });
    expect(samples[0]?.profile?.tasks.map(({ task, fromMs, toMs }) => [task, fromMs, toMs])).toEqual([
      ['build', 0, 100_000],
      ['lint', 100_000, 120_000],
      ['test', 100_000, 180_000],
    ]);
  });

  test('a pipeline has timed out when the job that decided did', async () => {
    const late = { status: 'failed', failure_reason: 'stuck_or_timeout_failure' };
    const { samples } = await read(
      JSON.stringify([job(1, 0, 100, { ...late, pipeline: { id: 9, project_id: 1, status: 'failed' } })]),
    );
    expect(samples[0]?.outcome).toBe('timed-out');
  });
});

describe('tables and own exports', () => {
  test('workflow, seq, duration_s', async () => {
    const { format, samples, zeros } = await read('workflow,seq,duration_s\nw1,1,60\nw1,2,0\nw2,1,1.5\n');
    expect(format).toBe('table');
    expect(zeros).toBe(1);
    expect(samples.map(({ project, durationMs }) => [project, durationMs])).toEqual([
      ['w1', 60_000],
      ['w1', 1_000],
      ['w2', 1_500],
    ]);
  });

  test("Penstock's own, with its profile", async () => {
    const profile = {
      tasks: [
        {
          task: 'a',
          fromMs: 0,
          toMs: 10,
          platform: null,
          cpuRequestMillis: 500,
          memoryRequestBytes: null,
        },
      ],
      tasksLeftOut: 0,
    };
    const row = {
      id: 'run-1',
      project: 'web/shop',
      branch: null,
      contentHash: 'abc',
      startedAt: '2026-11-01T00:00:00Z',
      durationMs: 12_345,
      outcome: 'timed-out',
      cause: 'test-run',
      cpuSeconds: 3,
      peakMemoryBytes: 4,
      profile,
    };
    const { format, samples } = await read(JSON.stringify(row));
    expect(format).toBe('penstock');
    expect(samples[0]).toMatchObject({
      key: 'run-1',
      contentHash: 'abc',
      durationMs: 12_345,
      outcome: 'timed-out',
      cause: 'test-run',
      usage: { cpuSeconds: 3, peakMemoryBytes: 4 },
      profile,
    });
  });

  test('what can be no duration is counted by reason and named by line, never a crash', async () => {
    const lines = [
      'project,duration_s,started_at,id',
      'a,60,2026-11-01T00:00:00Z,1',
      'a,60,2026-11-01T00:00:00Z,1',
      'a,-5,2026-11-01T00:00:00Z,2',
      'a,NaN,2026-11-01T00:00:00Z,3',
      'a,1e12,2026-11-01T00:00:00Z,4',
      'a,60,2031-01-01T00:00:00Z,5',
      'a,,2026-11-01T00:00:00Z,6',
      ',60,2026-11-01T00:00:00Z,7',
      'a,60,yesterday,8',
      'a,60',
      'b,60,1764000000,9',
    ];
    const { samples, leftOut } = await read(lines.join('\n'));
    expect(samples.map(({ project }) => project)).toEqual(['b', 'a']);
    expect(leftOut.byReason).toEqual({
      duplicate: 1,
      'negative-duration': 1,
      malformed: 4,
      'too-long': 1,
      'in-future': 1,
      'no-duration': 1,
    });
    expect(leftOut.first.slice(0, 2)).toEqual([
      { line: 3, column: 'id', reason: expect.stringContaining('was there before') },
      { line: 4, column: 'duration_s', reason: '-5 is below 0' },
    ]);
  });

  test.each([
    ['', /runs: it has no rows/],
    ['project,duration_s\n', /runs: it has no rows/],
    ['project,duration_s\na,-1', /no row can be used; line 2, column duration_s: -1 is below 0/],
    ['name,duration_s\na,1', /there is no column "project"/],
    ['name,length\na,1', /no column is a duration/],
    ['{"a":\n1,,}', /is neither JSON nor JSON lines/],
    ['[1, 2]', /no row can be used; line 1 is no object/],
  ])('%j is refused', async (text, want) => {
    await expect(read(text)).rejects.toThrow(want);
  });
});
