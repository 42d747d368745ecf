/** `penstock assess`, as a person, a merge request and a script meet it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './binary.ts';

const POLICY = `pipeline_execution_schedule_policy:
  - name: Scan
    enabled: false
    content: { include: [{ project: harbour/policies, file: ci/scan.yml }] }
    schedules: [{ type: daily, start_time: "01:15", time_window: { value: 7200, distribution: random } }]
`;
const SECOND = `  - name: Audit
    enabled: true
    content: { include: [{ project: harbour/policies, file: ci/audit.yml }] }
    schedules: [{ type: daily, start_time: "02:00", time_window: { value: 3600, distribution: random } }]
`;
const rows = (count: number): string =>
  Array.from(
    { length: count },
    (_, place) => `harbour/p${place % 90},${place},${240 + ((place * 37) % 120)}`,
  ).join('\n');

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace({
    'policy.yml': POLICY,
    'two.yml': POLICY + SECOND,
    'empty.yml': 'approval_policy: []\n',
    'runs.csv': `project,id,duration_s\n${rows(200)}\n`,
    'odd.csv': `project,id,duration_s\na,1,60\na,1,60\nb,2,-4\nb,3,oops\n`,
    'projects.txt': Array.from({ length: 60 }, (_, at) => `harbour/p${at}`).join('\n'),
  });
});
afterAll(() => place.dispose());

function assess(...args: readonly string[]) {
  return place.penstock('assess', ...args, '--from', '2026-03-02T12:00:00Z');
}

describe('the exit status is the verdict', () => {
  const known = ['policy.yml', '--projects', 'projects.txt', '--history', 'runs.csv'] as const;

  test('0: it fits', async () => {
    const end = await assess(...known, '--runners', '40', '--finish-by', '06:00', '--max-peak', '40');
    expect(end.stderr).toBe('');
    expect(end.stdout).toContain('Scan: fits');
    expect(end.status).toBe(0);
  });

  test('2: it does not', async () => {
    const end = await assess(...known, '--runners', '1', '--finish-by', '03:30');
    expect(end.stdout).toContain('Scan: does not fit');
    expect(end.stdout).toMatch(/NO +all done by 03:30/);
    expect(end.status).toBe(2);
  });

  test('2: no slot at all, and no time at which all would be done', async () => {
    const end = await assess(...known, '--runners', '0');
    expect(end.stdout).toMatch(/all done +never +no pipeline can start/);
    expect(end.stdout).not.toContain('9 of 10 done');
    expect(end.status).toBe(2);
  });

  test('3: too little to say', async () => {
    const end = await assess('policy.yml', '--projects', '60', '--runners', '40');
    expect(end.stdout).toContain('too little evidence to say');
    expect(end.status).toBe(3);
  });

  test.each([
    [['policy.yml'], /--projects/],
    [['gone.yml', '--projects', '3'], /gone\.yml: there is no such file/],
    [['empty.yml', '--projects', '3'], /has no scheduled policy/],
    [['two.yml', '--projects', '3'], /several policies: choose with --policy one of "Scan", "Audit"/],
    [['two.yml', '--projects', '3', '--policy', 'No'], /has no policy "No"/],
    [['policy.yml', '--projects', '99999', '--branches', '50'], /4999950 launches; 200000 can be assessed/],
    [['policy.yml', '--projects', '3', '--max-timeouts', '1'], /percentage from 0% to 100%/],
    [['policy.yml', '--projects', '3', '--finish-by', '6'], /a time such as 06:00/],
    [['policy.yml', '--projects', '3', '--pool', 'x'], /pool=size/],
    [['policy.yml', '--projects', '3', '--duration-p90', '9m'], /--duration-p90 needs --duration/],
    [['policy.yml', '--projects', '3', '--history', 'gone.csv'], /gone\.csv: there is no such file/],
  ])('1: %j', async (args, want) => {
    const end = await assess(...args);
    expect(end.stderr).toMatch(want);
    expect(end.stderr.trim().split('\n')).toHaveLength(1);
    expect(end.status).toBe(1);
  });
});

test('one JSON document that says the same, and the same again', async () => {
  const args = ['policy.yml', '--projects', '60', '--runners', '4', '--history', 'odd.csv', '--json'];
  const [one, two] = await Promise.all([assess(...args), assess(...args)]);
  expect(one).toEqual(two);
  const report = JSON.parse(one.stdout);
  expect(report.scope).toMatchObject({ projects: 60, launches: 60 });
  expect(report.evidence).toMatchObject({ samples: 1, projectsSeen: 1 });
  expect(report.histories[0].leftOut.byReason).toEqual({
    duplicate: 1,
    'negative-duration': 1,
    malformed: 1,
  });
  // However little is known, sixty such runs are done long before the next day.
  expect(report.verdict.answer).toBe('fits');
});

test('what was left out of a history is said', async () => {
  const end = await assess('policy.yml', '--projects', '60', '--runners', '4', '--history', 'odd.csv');
  expect(end.stdout).toContain('odd.csv: 3 rows left out beside 1 sample');
});

test('a comment for a merge request is Markdown, and no name becomes a link or a table', async () => {
  await place.write('sly.yml', POLICY.replace('name: Scan', 'name: "[a](b) | <b>"'));
  const end = await assess('sly.yml', '--projects', '9', '--runners', '4', '--duration', '5m', '--markdown');
  expect(end.stdout.split('\n')[0]).toMatch(/^### \\\[a\\\]\(b\) \\\| \\<b\\>: /);
  expect(end.stdout).toContain('| --- |');
  expect(end.stdout).not.toContain('\u001b[');
});

test('another policy of the file that acts at the same time is simulated along', async () => {
  const end = await assess(
    'two.yml',
    '--policy',
    'Scan',
    '--projects',
    '50',
    '--runners',
    '4',
    '--duration',
    '5m',
  );
  expect(end.stdout).toContain('Audit is launched around the same time, from 02:00 to 03:00');
});

describe('a registered policy, by its name', () => {
  const REGISTERED = `apiVersion: penstock.dev/v1alpha1
kind: PipelineExecutionPolicy
metadata: { name: audit }
spec:
  enabled: false
  content:
    pipelineSpec: { tasks: [{ name: a, taskSpec: { steps: [{ name: s, script: "true" }] } }] }
  schedule: { type: daily, startTime: "02:00", timeZone: UTC }
  timeWindow: { length: 1h }
`;
  const WORLD =
    'pools: { runs: { size: 3 } }\nprojects: { web/a: { tenant: web }, web/b: { tenant: web } }\n';
  let here: Workplace;
  beforeAll(async () => {
    here = await openWorkplace({ 'audit.yaml': REGISTERED, 'penstock.yaml': WORLD });
    expect((await here.penstock('policy', 'apply', 'audit.yaml')).status).toBe(0);
  });
  afterAll(() => here.dispose());

  test('is assessed with the projects and pools that are here', async () => {
    const { status, stdout } = await here.penstock('assess', 'audit', '--json');
    const { scope, pools, verdict } = JSON.parse(stdout);
    expect([status, verdict.answer]).toEqual([3, 'too-little-evidence']);
    expect([scope.projects, pools[0]]).toMatchObject([2, { name: 'runs', size: 3 }]);
  });

  test('the report says that the queue of this moment is in it, and the criteria count', async () => {
    const { status, stdout } = await here.penstock('assess', 'audit', '--max-peak', '0', '--markdown');
    expect(status).toBe(2);
    expect(stdout).toContain('what waits and runs now');
  });

  test.each([
    [['nosuch'], /"nosuch"/],
    [['audit', '--projects', '7'], /^penstock: --projects: is for a file/],
    [['audit', '--finish-by', '2026-03-01T06:00:00Z'], /--finish-by: of a registered policy must be a time/],
  ])('%j is refused', async (args, message) => {
    const { status, stderr } = await here.penstock('assess', ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});
