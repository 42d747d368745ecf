/** `penstock policy validate` and `policy show`, as a person and as a program meets them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, pipelineOf, type Workplace } from './binary.ts';

const OWN = `apiVersion: penstock.dev/v1alpha1
kind: PipelineExecutionPolicy
metadata: { name: audit }
spec:
  enabled: true
  content: { pipelineFile: pipeline.yaml }
  schedule: { type: daily, startTime: "02:30", timeZone: Europe/Berlin }
  timeWindow: { length: 2h }
  scope: { include: { projects: ["web/*"] }, exclude: { tenants: [labs] } }
`;
const GITLAB = `pipeline_execution_schedule_policy:
  - name: Scan
    enabled: false
    content: { include: [{ project: harbour/policies, file: ci/scan.yml }] }
    schedules: [{ type: daily, start_time: "12:00", time_window: { value: 3600, distribution: random } }]
`;
const FILES = {
  'own.yaml': OWN,
  'pipeline.yaml': pipelineOf('echo hello'),
  'missing.yaml': OWN.replace('pipeline.yaml', 'gone.yaml'),
  'refused.yaml': OWN.replace('pipeline.yaml', 'refused-pipeline.yaml'),
  'refused-pipeline.yaml': pipelineOf('echo hello', '  workspaces:\n    - name: source\n'),
  'inline.yaml': OWN.replace(
    '{ pipelineFile: pipeline.yaml }',
    '{ pipelineSpec: { tasks: [{ name: a, taskRef: { name: b } }] } }',
  ),
  'wrong.yaml': OWN.replace('enabled: true', 'enabled: maybe').replace('2h', '2 hours'),
  'policy.yml': GITLAB,
  'checkout/.gitlab/security-policies/policy.yml': GITLAB,
  'whole/.gitlab/security-policies/policy.yml': GITLAB,
  'whole/ci/scan.yml': 'scan: { script: echo }\n',
  'empty.yaml': '# nothing\n',
  'broken.yaml': 'spec: [1\n',
  'penstock.yaml':
    'projects:\n  web/shop: { tenant: web }\n  web/lab: { tenant: labs }\n  pay/ledger: { tenant: pay }\n',
  'projects.txt': 'web/shop\nweb/search\n\n# old\nweb/kiosk\n',
  'projects.json': JSON.stringify([
    {
      id: 5,
      path_with_namespace: 'web/shop',
      archived: false,
      namespace: { id: 1, kind: 'group', full_path: 'web' },
      topics: [],
    },
    {
      id: 6,
      path_with_namespace: 'web/deep/kiosk',
      archived: true,
      namespace: { id: 2, kind: 'group', full_path: 'web/deep' },
    },
  ]),
  'escape.txt': 'web/shop\nweb/../../etc\n',
  'twice.txt': 'web/shop\nweb/shop\n',
  'odd.yaml': '- { name: web/shop, color: red }\n',
  'no-list.yaml': 'web/shop: 1\n',
};

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace(FILES);
  await writeFile(join(place.folder, 'huge.yaml'), 'x'.repeat(10_000_000));
});
afterAll(() => place.dispose());

describe('validate', () => {
  test('a good file', async () => {
    const end = await place.penstock('policy', 'validate', 'policy.yml');
    expect(end).toEqual({ status: 0, stdout: 'policy.yml is valid: 1 policy.\n', stderr: '' });
  });

  test('a bad file: all errors by line, status 1', async () => {
    const end = await place.penstock('policy', 'validate', 'wrong.yaml');
    expect(end.status).toBe(1);
    expect(end.stdout.split('\n')).toEqual([
      'wrong.yaml:5:3: error: spec.enabled is "maybe"; it must be true or false.',
      'wrong.yaml:8:17: error: spec.timeWindow.length is "2 hours"; it must be a length of time such as "90s", "5m" or "1h30m", from 1s to 31d.',
      'wrong.yaml is not valid: 2 errors.',
      '',
    ]);
  });

  test('as JSON', async () => {
    const bad = await place.penstock('policy', 'validate', 'wrong.yaml', '--json');
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({
      file: 'wrong.yaml',
      valid: false,
      policies: [],
      problems: [
        { severity: 'error', code: 'policy-invalid', place: { line: 5, column: 3 }, field: 'spec.enabled' },
        { severity: 'error', field: 'spec.timeWindow.length' },
      ],
    });
    const good = JSON.parse((await place.penstock('policy', 'validate', 'own.yaml', '--json')).stdout);
    expect(good).toMatchObject({
      valid: true,
      policies: [{ name: 'audit', format: 'penstock', enabled: true, contentKnown: true }],
    });
    expect(good.policies[0].contentHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test.concurrent.each([
    [
      'missing.yaml',
      'missing.yaml:6:14: warning: spec.content.pipelineFile cannot be read: gone.yaml: there is no such file',
    ],
    [
      'refused.yaml',
      'refused.yaml:6:14: warning: spec.content.pipelineFile is no Pipeline that the local engine can run: refused-pipeline.yaml:',
    ],
    [
      'inline.yaml',
      'inline.yaml:6:14: warning: spec.content.pipelineSpec is no Pipeline that the local engine can run: spec.tasks[0].taskRef',
    ],
    [
      'checkout/.gitlab/security-policies/policy.yml',
      'content.include[0].file cannot be read in this checkout; unless harbour/policies is another project',
    ],
  ])('%s is valid, with a warning', async (file, want) => {
    const end = await place.penstock('policy', 'validate', file);
    expect(end.stdout).toContain(want);
    expect(end.status).toBe(0);
  });

  test('an include that the checkout has is no surprise', async () => {
    const end = await place.penstock('policy', 'validate', 'whole/.gitlab/security-policies/policy.yml');
    expect(end.stdout).toContain('is valid: 1 policy.');
  });

  test.concurrent.each([
    ['empty.yaml', 'empty.yaml: error: the file is empty.'],
    ['broken.yaml', 'broken.yaml:2:1: error: '],
  ])('%s is an error with its place', async (file, want) => {
    const end = await place.penstock('policy', 'validate', file);
    expect(end.stdout).toContain(want);
    expect(end.status).toBe(1);
  });

  test.concurrent.each([
    ['huge.yaml', 'huge.yaml: has 10000000 bytes; 1048576 (1 MiB) are allowed.'],
    ['nowhere.yaml', 'nowhere.yaml: there is no such file'],
    ['.', 'is not a file'],
  ])('%s cannot be read at all: one line, status 1', async (file, want) => {
    const end = await place.penstock('policy', 'validate', file);
    expect(end.stderr).toContain(want);
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([end.status, end.stdout]).toEqual([1, '']);
  });
});

describe('show', () => {
  const show = async (...args: readonly string[]) => {
    const end = await place.penstock('policy', 'show', ...args, '--json');
    expect(end.stderr).toBe('');
    return JSON.parse(end.stdout);
  };

  test('what starts when, over a change of the clocks, for the projects of the configuration', async () => {
    const shown = await show('own.yaml', '--from', '2026-03-28', '--occurrences', '3');
    expect(shown.policies[0]).toMatchObject({
      name: 'audit',
      active: true,
      inScope: 1,
      outOfScope: [
        { project: 'web/lab', reason: 'excluded by its tenant' },
        { project: 'pay/ledger', reason: 'not included by its name' },
      ],
      occurrences: [
        { key: '2026-03-28', startsAtMs: Date.parse('2026-03-28T01:30Z'), clock: 'none', launchCount: 1 },
        { key: '2026-03-29', startsAtMs: Date.parse('2026-03-29T01:00Z'), clock: 'moved' },
        { key: '2026-03-30', startsAtMs: Date.parse('2026-03-30T00:30Z'), clock: 'none' },
      ],
    });
    for (const { startsAtMs, endsAtMs, launches } of shown.policies[0].occurrences) {
      expect(endsAtMs - startsAtMs).toBe(7_200_000);
      expect(launches).toHaveLength(1);
      expect(launches[0]).toMatchObject({ project: 'web/shop', branch: null, snoozed: false });
    }
  });

  test('a project keeps its moment whoever else is in scope', async () => {
    const moment = async (projects: string) => {
      const shown = await show(
        'own.yaml',
        '--projects',
        projects,
        '--from',
        '2026-06-01',
        '--occurrences',
        '1',
        '--launches',
        '9',
      );
      const launches: readonly { readonly project: string; readonly atMs: number }[] =
        shown.policies[0].occurrences[0].launches;
      return launches.find(({ project }) => project === 'web/shop')?.atMs;
    };
    const alone = await moment('projects.json');
    expect(alone).toBeTypeOf('number');
    expect(await moment('projects.txt')).toBe(alone);
  });

  test("GitLab's list of projects says what it knows", async () => {
    const shown = await show('policy.yml', '--projects', 'projects.json', '--occurrences', '1');
    expect(shown.policies[0]).toMatchObject({
      enabled: false,
      active: false,
      inScope: 2,
      outOfScope: [],
      scopeUnknown: [],
    });
  });

  test('for a person: in words, with every launch that was asked for', async () => {
    const end = await place.penstock(
      'policy',
      'show',
      'policy.yml',
      '--projects',
      '12',
      '--from',
      '2026-06-01T00:00:00Z',
      '--occurrences',
      '1',
      '--launches',
      '12',
    );
    expect(end.status).toBe(0);
    expect(end.stdout).toContain('Scan  not enabled: nothing of this happens before it is');
    expect(end.stdout).toContain('every day at 12:00, UTC');
    expect(end.stdout).toMatch(/Mon 2026-06-01 12:00 \+00:00 {2}13:00 {3}2026-06-01T12:00Z +12/);
    expect(end.stdout.match(/^12:\d\d:\d\d {2}project-\d\d {2}\(default\)$/gm)).toHaveLength(12);
    expect(end.stdout).not.toContain('more; --launches');
  });

  test.concurrent.each([
    [
      ['wrong.yaml'],
      'wrong.yaml:5:3: spec.enabled is "maybe"; it must be true or false. (1 more; see "penstock policy validate wrong.yaml")',
    ],
    [['own.yaml', '--policy', 'other'], 'own.yaml: has no policy "other"; it has "audit".'],
    [['own.yaml', '--occurrences', '0'], 'whole number from 1 to 1000'],
    [['own.yaml', '--projects', '0'], '--projects must be a file, or a number from 1 to 100000'],
    [
      ['own.yaml', '--projects', '100000', '--occurrences', '100'],
      'that would be 10000000 launches; 2000000 can be shown',
    ],
    [['own.yaml', '--projects', 'nowhere.txt'], 'nowhere.txt: there is no such file'],
    [
      ['own.yaml', '--projects', 'escape.txt'],
      'escape.txt: [1] is "web/../../etc"; it must be the path of a project',
    ],
    [['own.yaml', '--projects', 'twice.txt'], 'twice.txt: [1] is web/shop, which is there before already.'],
    [['own.yaml', '--projects', 'odd.yaml'], 'odd.yaml: [0].color is not a key that Penstock knows'],
    [['own.yaml', '--projects', 'no-list.yaml'], 'no-list.yaml: must be a list of projects.'],
    [['own.yaml', '--from', 'yesterday'], 'It must be a date'],
  ])('%j is refused in one line', async (args, want) => {
    const end = await place.penstock('policy', 'show', ...args);
    expect(end.stderr).toContain(want);
    expect(end.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([end.status, end.stdout]).toEqual([1, '']);
  });
});
