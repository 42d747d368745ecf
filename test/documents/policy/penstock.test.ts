/** Penstock's own policy document: read whole, every field wrong in turn, several in one file. */
import { describe, expect, test } from 'vitest';
import { readPolicies, readPolicyDocument } from '../../../src/documents/policy/read-policies.ts';
import {
  fieldOf,
  LIBRARY_WORDS,
  lineOf,
  MISSING,
  NOW_MS,
  refused,
  type WrongCase,
  withValue,
  yamlOf,
} from './wrong.ts';

const MINIMAL = {
  apiVersion: 'penstock.dev/v1alpha1',
  kind: 'PipelineExecutionPolicy',
  metadata: { name: 'audit' },
  spec: {
    enabled: true,
    content: { pipelineFile: 'audit.yaml' },
    schedule: { type: 'daily', startTime: '02:30' },
    timeWindow: { length: '2h' },
  },
};

const FULL = {
  ...MINIMAL,
  metadata: { name: 'audit', labels: { team: 'sec' }, annotations: { note: 'x' }, namespace: 'ci', uid: 'u' },
  spec: {
    displayName: 'Weeknight audit',
    description: 'What we ship and what is known about it',
    enabled: false,
    content: { pipelineSpec: { tasks: [{ name: 'a' }] }, params: { level: 'high' } },
    schedule: { type: 'monthly', daysOfMonth: ['last', 15], startTime: '21:15', timeZone: 'Europe/Berlin' },
    timeWindow: { length: '3h', spread: 'even' },
    branches: ['release/2', 'main'],
    snooze: { until: '2026-12-27T00:00:00+01:00', reason: 'Freeze' },
    scope: {
      include: { projects: ['web/*', 'pay/ledger'], tenants: ['web'], labels: { tier: 'gold' } },
      exclude: { projects: ['web/kiosk'], tenants: ['labs'], labels: { audit: 'off' } },
    },
    timeouts: { pipeline: '45m' },
    requests: { 'linux/arm64': 1 },
    priority: 'low',
    catchUp: { mode: 'run-late', limit: '6h' },
  },
  status: { anything: true },
};

const WRONG: readonly WrongCase[] = [
  [['apiVersion'], 'penstock.dev/v2', null, /is "penstock.dev\/v2"; it must be penstock.dev\/v1alpha1/],
  [['apiVersion'], MISSING, null, /is missing; it must be penstock.dev\/v1alpha1/],
  [['kind'], 'Pipeline', null, /is "Pipeline"; it must be PipelineExecutionPolicy/],
  [['kind'], MISSING, null, /is missing/],
  [['extra'], 1, null, /is not a key that Penstock knows/],
  [['metadata'], MISSING, null, /must be a mapping/],
  [['metadata', 'name'], MISSING, null, /is missing; it must be 1 to 63 lower-case letters/],
  [['metadata', 'name'], 'Audit', null, /is "Audit"; it must be 1 to 63/],
  [['metadata', 'name'], '../audit', null, /must be 1 to 63/],
  [['metadata', 'name'], 'x'.repeat(64), null, /must be 1 to 63/],
  [['metadata', 'labels'], ['a'], null, /must be a mapping from names to texts/],
  [['metadata', 'labels', 'team'], 7, null, /must be text; write it in quotes/],
  [['metadata', 'annotations', 'note'], true, null, /must be text/],
  [['metadata', 'nmae'], 'x', null, /did you mean "name"\?/],
  [['spec'], MISSING, null, /must be a mapping with the keys/],
  [['spec', 'displayName'], '', null, /must be a name of 1 to 255/],
  [['spec', 'description'], 5, null, /must be text/],
  [['spec', 'enabled'], MISSING, null, /is missing; it must be true or false/],
  [['spec', 'enabled'], 'yes', null, /is "yes"; it must be true or false/],
  [['spec', 'content'], MISSING, null, /must be a mapping/],
  [['spec', 'content'], { params: {} }, null, /must have one of pipelineFile, pipelineRef, pipelineSpec/],
  [
    ['spec', 'content', 'pipelineFile'],
    'audit.yaml',
    'spec.content.pipelineSpec',
    /cannot be there beside pipelineFile/,
  ],
  [
    ['spec', 'content'],
    { pipelineFile: '../audit.yaml' },
    'spec.content.pipelineFile',
    /must be a path below the folder of this file/,
  ],
  [['spec', 'content'], { pipelineFile: '/etc/passwd' }, 'spec.content.pipelineFile', /must be a path below/],
  [['spec', 'content'], { pipelineFile: 4 }, 'spec.content.pipelineFile', /must be the path of a file/],
  [['spec', 'content'], { pipelineRef: { name: 'A B' } }, 'spec.content.pipelineRef.name', /must be 1 to 63/],
  [
    ['spec', 'content'],
    { pipelineRef: 'audit' },
    'spec.content.pipelineRef',
    /must be a mapping with the keys name/,
  ],
  [['spec', 'content', 'pipelineSpec'], 'x', null, /must be the spec of a Pipeline/],
  [['spec', 'content', 'pipelineSpec'], { tasks: [] }, null, /must list its tasks/],
  [['spec', 'content', 'params', 'level'], 3, null, /must be text; write it in quotes/],
  [['spec', 'schedule'], MISSING, null, /must be a mapping/],
  [['spec', 'schedule', 'type'], 'yearly', null, /must be one of daily, weekly, monthly/],
  [['spec', 'schedule', 'daysOfMonth'], MISSING, null, /must be there in a monthly schedule/],
  [['spec', 'schedule', 'daysOfMonth'], [], null, /must have at least one date/],
  [['spec', 'schedule', 'daysOfMonth', 1], 32, null, /must be a date from 1 to 31, or "last"/],
  [['spec', 'schedule', 'daysOfMonth', 1], 'last', null, /must be there only once/],
  [
    ['spec', 'schedule'],
    { type: 'weekly', days: [], startTime: '01:00' },
    'spec.schedule.days',
    /must have at least one day/,
  ],
  [
    ['spec', 'schedule'],
    { type: 'weekly', days: ['Mo'], startTime: '01:00' },
    'spec.schedule.days[0]',
    /must be one of Sunday/,
  ],
  [['spec', 'schedule', 'startTime'], MISSING, null, /must be a time from 00:00 to 23:59/],
  [['spec', 'schedule', 'startTime'], '24:00', null, /is "24:00"; it must be a time/],
  [['spec', 'schedule', 'startTime'], 1275, null, /is 1275; it must be a time/],
  [['spec', 'schedule', 'timeZone'], 'Mars/Olympus', null, /must be an id of the IANA time zone database/],
  [['spec', 'schedule', 'timeZone'], 'Berlin', null, /did you mean "Europe\/Berlin"\?/],
  [['spec', 'timeWindow'], MISSING, null, /must be a mapping/],
  [['spec', 'timeWindow', 'length'], MISSING, null, /must be a length of time/],
  [['spec', 'timeWindow', 'length'], 3600, null, /write 3600s if you mean seconds/],
  [['spec', 'timeWindow', 'length'], '0s', null, /from 1s to 31d/],
  [['spec', 'timeWindow', 'length'], '32d', null, /from 1s to 31d/],
  [['spec', 'timeWindow', 'spread'], 'randon', null, /did you mean "random"\?/],
  [['spec', 'branches'], 'main', null, /must be a list of names of branches/],
  [['spec', 'branches', 0], '../main', null, /must be the name of a branch/],
  [['spec', 'branches', 0], 'a b', null, /must be the name of a branch/],
  [['spec', 'branches', 0], '-x', null, /must be the name of a branch/],
  [['spec', 'branches', 0], 'main', 'spec.branches[1]', /must be there only once/],
  [['spec', 'branches'], Array.from({ length: 21 }, (_, index) => `b${index}`), null, /at most 20/],
  [['spec', 'snooze'], 'x', null, /must be a mapping/],
  [['spec', 'snooze', 'until'], '2026-12-27', null, /must be a date and time with its offset/],
  [['spec', 'snooze', 'reason'], 1, null, /must be text/],
  [['spec', 'scope', 'include', 'projects', 0], '../secrets', null, /must be the name of a project/],
  [['spec', 'scope', 'include', 'projects', 0], 'web/../../etc', null, /must be the name of a project/],
  [['spec', 'scope', 'include', 'projects', 0], '*', null, /must be the name of a project/],
  [['spec', 'scope', 'include', 'projects'], 'web/*', null, /must be a list of projects/],
  [['spec', 'scope', 'include', 'tenants', 0], 'a b', null, /must be a name of at most 200/],
  [['spec', 'scope', 'include', 'labels', 'tier'], 1, null, /must be text/],
  [['spec', 'scope', 'exclude', 'projects', 0], '/', null, /must be the name of a project/],
  [['spec', 'scope', 'exclude', 'tenants'], {}, null, /must be a list of tenants/],
  [['spec', 'scope', 'exclude', 'labels'], 'x', null, /must be a mapping from names/],
  [['spec', 'scope', 'only'], {}, null, /is not a key that Penstock knows/],
  [['spec', 'timeouts', 'pipeline'], 45, null, /write 45s if you mean seconds/],
  [['spec', 'timeouts', 'queue'], '1h', null, /is not a key that Penstock knows/],
  [['spec', 'requests', 'linux/arm64'], 0, null, /must be a whole number from 1/],
  [['spec', 'requests'], ['runs'], null, /must be a mapping from pools to units/],
  [['spec', 'priority'], 3, null, /must be a name/],
  [['spec', 'catchUp'], 'skip', null, /must be a mapping with the keys mode, limit/],
  [['spec', 'catchUp', 'mode'], 'late', null, /must be one of skip, run-late/],
  [['spec', 'catchUp', 'limit'], MISSING, null, /must say how late a launch may be/],
  [['spec', 'catchUp', 'limit'], '0s', null, /must be a length of time/],
  [['spec', 'catchUp', 'mode'], 'skip', 'spec.catchUp.limit', /has no place beside mode skip/],
  [['spec', 'cron'], '0 0 * * *', null, /is not a key that Penstock knows/],
];

test('the document that the wrong ones are made of is right, and read whole', () => {
  const { policies, problems } = readPolicies(yamlOf(FULL, '1.2'), NOW_MS);
  expect(problems).toEqual([]);
  expect(policies.map(({ policy }) => policy)).toEqual([
    {
      format: 'penstock',
      name: 'audit',
      displayName: 'Weeknight audit',
      description: 'What we ship and what is known about it',
      enabled: false,
      content: { kind: 'pipeline-inline', spec: { tasks: [{ name: 'a' }] }, params: { level: 'high' } },
      schedule: {
        recurrence: { kind: 'monthly', daysOfMonth: [15, 'last'] },
        startMinute: 1275,
        timeZone: 'Europe/Berlin',
        clockChanges: 'run-once',
      },
      window: { lengthMs: 10_800_000, spread: 'even' },
      branches: ['main', 'release/2'],
      snooze: { untilMs: Date.parse('2026-12-26T23:00:00Z'), reason: 'Freeze' },
      scope: {
        kind: 'selectors',
        include: { projects: ['pay/ledger', 'web/*'], tenants: ['web'], labels: { tier: 'gold' } },
        exclude: { projects: ['web/kiosk'], tenants: ['labs'], labels: { audit: 'off' } },
      },
      timeoutMs: 2_700_000,
      requests: { 'linux/arm64': 1 },
      priority: 'low',
      catchUp: { mode: 'run-late', limitMs: 21_600_000 },
      variables: null,
      metadata: { team: 'sec' },
    },
  ]);
});

test('what may be left out has its default', () => {
  const { policies, problems } = readPolicies(yamlOf(MINIMAL, '1.2'), NOW_MS);
  expect(problems).toEqual([]);
  expect(policies.map(({ policy }) => policy)).toMatchObject([
    {
      displayName: 'audit',
      schedule: { recurrence: { kind: 'daily' }, startMinute: 150, timeZone: 'UTC' },
      window: { lengthMs: 7_200_000, spread: 'random' },
      branches: [],
      snooze: null,
      timeoutMs: null,
      requests: {},
      priority: null,
      catchUp: { mode: 'skip' },
    },
  ]);
});

test.each(
  WRONG.map(([path, value, field, message]) => ({ path, value, field: field ?? fieldOf(path), message })),
)('wrong: $field is $value', ({ path, value, field, message }) => {
  const { errors, lines, policies } = refused(yamlOf(withValue(FULL, path, value), '1.2'));
  expect(errors.map((error) => error.field)).toEqual([field]);
  expect(errors[0]?.message).toMatch(message);
  expect(errors[0]?.message).not.toMatch(LIBRARY_WORDS);
  expect(errors[0]?.message.split('\n')).toHaveLength(1);
  if (path.length > 1) expect(lines[0]).toMatch(lineOf(errors[0]));
  expect(policies).toBe(0);
});

test('all mistakes of a document are named, also those of several keys together', () => {
  const bad = withValue(MINIMAL, ['spec'], {
    enabled: 1,
    content: { pipelineFile: 'a', pipelineRef: { name: 'b' } },
    schedule: { type: 'weekly', daysOfMonth: [1], startTime: '7:00', foo: 1, bar: 2 },
    timeWindow: { length: 7 },
  });
  expect(refused(yamlOf(bad, '1.2')).errors.map(({ field }) => field)).toEqual([
    'spec.enabled',
    'spec.content.pipelineRef',
    'spec.schedule.days',
    'spec.schedule.daysOfMonth',
    'spec.schedule.startTime',
    'spec.schedule.foo',
    'spec.schedule.bar',
    'spec.timeWindow.length',
  ]);
});

describe('several documents in one file', () => {
  const named = (name: string) => yamlOf(withValue(MINIMAL, ['metadata', 'name'], name), '1.2');
  const file = (...documents: readonly string[]) => documents.join('---\n');

  test('a wrong one leaves the others in place, and its line counts from the start of the file', () => {
    const text = file(
      named('a'),
      named('b').replace("'02:30'", '25:00').replace('02:30', '25:00'),
      named('c'),
    );
    const { policies, problems } = readPolicies(text, NOW_MS);
    expect(policies.map(({ policy }) => policy.name)).toEqual(['a', 'c']);
    const line = text.split('\n').findIndex((each) => each.includes('25:00')) + 1;
    expect(problems.map(({ place, field }) => [place?.line, field])).toEqual([
      [line, 'spec.schedule.startTime'],
    ]);
  });

  test('two of one name are an error, and a document of another kind is', () => {
    const { policies, problems } = readPolicies(file(named('a'), named('a'), 'kind: Pipeline\n'), NOW_MS);
    expect(policies).toHaveLength(1);
    expect(problems.map(({ severity, field }) => [severity, field])).toEqual([
      ['error', 'metadata.name'],
      ['error', 'apiVersion'],
      ['error', 'kind'],
      ['error', 'metadata'],
      ['error', 'spec'],
    ]);
  });

  test('a thousand are read; of thousands of mistakes the first are listed', () => {
    const many = file(...Array.from({ length: 1000 }, (_, index) => named(`p${index}`)));
    expect(readPolicies(many, NOW_MS)).toMatchObject({ problems: [], policies: { length: 1000 } });
    const wrong = readPolicies(many.replaceAll('enabled: true', 'enabled: 1'), NOW_MS).problems;
    expect(wrong).toHaveLength(201);
    expect(wrong.at(-1)).toMatchObject({
      severity: 'error',
      message: 'there are 800 more problems; mend these first.',
    });
  });
});

test('a document that came as data has the same errors, without lines', () => {
  const { problems, policies } = readPolicyDocument(
    withValue(FULL, ['spec', 'scope', 'include', 'projects', 0], '../x'),
    NOW_MS,
  );
  expect(problems).toMatchObject([
    { severity: 'error', place: null, field: 'spec.scope.include.projects[0]' },
  ]);
  expect(policies).toEqual([]);
  expect(readPolicyDocument(FULL, NOW_MS).policies).toHaveLength(1);
  const deep = withValue(
    FULL,
    ['spec', 'content', 'pipelineSpec'],
    JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)),
  );
  expect(readPolicyDocument(deep, NOW_MS).problems.map(({ message }) => message)).toEqual([
    'the document is nested deeper than 100 levels.',
  ]);
  for (const nonsense of [null, 7, 'x', [], [FULL], { kind: 1 }]) {
    expect(readPolicyDocument(nonsense, NOW_MS).problems.some(({ severity }) => severity === 'error')).toBe(
      true,
    );
  }
});
