/** GitLab's policy.yml: read as GitLab reads it, every field wrong in turn, every surprise. */
import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../../src/documents/policy/read-policies.ts';
import {
  fieldOf,
  LIBRARY_WORDS,
  lineOf,
  MISSING,
  NOW_MS,
  refused,
  type Step,
  type WrongCase,
  withValue,
  yamlOf,
} from './wrong.ts';

const LIST = 'pipeline_execution_schedule_policy';
const POLICY = {
  name: 'Nightly container scan',
  description: 'Known holes in what we ship',
  enabled: true,
  content: { include: [{ project: 'harbour/policies', file: 'ci/scan.yml', ref: 'v2' }] },
  schedules: [
    {
      type: 'weekly',
      days: ['Tuesday', 'Friday'],
      start_time: '22:40',
      timezone: 'Europe/Lisbon',
      time_window: { value: 7200, distribution: 'random' },
      branches: ['main'],
      snooze: { until: '2027-01-04T00:00:00+00:00', reason: 'Freeze' },
    },
  ],
  policy_scope: {
    match_mode: 'all',
    compliance_frameworks: [{ id: 31 }],
    projects: { including: [{ id: 4 }], excluding: [{ id: 5 }, { type: 'archived' }] },
    groups: { including: [{ id: 6 }], excluding: [{ id: 7 }] },
    business_impact: { including: [{ id: 8 }] },
  },
  variables_override: { allowed: false, exceptions: ['TOKEN'], dotenv: 'respect_policy' },
  metadata: { owner: 'harbour', level: 2, gold: true },
};
const FILE = { experiments: { [LIST]: { enabled: true } }, scan_execution_policy: [], [LIST]: [POLICY] };

const S: readonly Step[] = ['schedules', 0];
const MONTHLY = { ...POLICY.schedules[0], type: 'monthly', days: undefined };

const WRONG: readonly WrongCase[] = [
  [['name'], MISSING, null, /is missing; it must be a name of 1 to 255 characters\.$/],
  [['name'], '', null, /is ""; it must be a name/],
  [['name'], 'x'.repeat(256), null, /it must be a name/],
  [['name'], 7, null, /is 7; it must be a name/],
  [['enabled'], MISSING, null, /is missing; it must be true or false/],
  [['enabled'], 'true', null, /is "true"; it must be true or false/],
  [['description'], 3, null, /is 3; it must be text/],
  [['content'], MISSING, null, /is missing; it must be a mapping with the keys include/],
  [['content', 'include'], MISSING, null, /must be a list of one/],
  [['content', 'include'], [], null, /must have exactly one entry/],
  [
    ['content', 'include'],
    [POLICY.content.include[0], POLICY.content.include[0]],
    null,
    /must have exactly one entry/,
  ],
  [['content', 'include', 0, 'project'], MISSING, null, /must be the path of a project/],
  [['content', 'include', 0, 'project'], '../policies', null, /without "\." and "\.\." in it/],
  [['content', 'include', 0, 'project'], 12, null, /is 12; it must be the path of a project/],
  [['content', 'include', 0, 'file'], MISSING, null, /must be the path of a file/],
  [['content', 'include', 0, 'file'], 'ci/../../x.yml', null, /without "\." and "\.\." in it/],
  [['content', 'include', 0, 'ref'], 2, null, /must be a branch, tag or commit/],
  [
    ['content', 'include', 0, 'component'],
    'x',
    null,
    /is not a key that GitLab knows; known keys are project, file, ref/,
  ],
  [['content', 'remote'], 'x', null, /is not a key that GitLab knows/],
  [['schedules'], MISSING, null, /must be a list of one schedule/],
  [['schedules'], [], null, /must have exactly one entry/],
  [['schedules'], [POLICY.schedules[0], POLICY.schedules[0]], null, /must have exactly one entry/],
  [[...S, 'type'], MISSING, null, /is missing; it must be one of daily, weekly, monthly/],
  [[...S, 'type'], 'hourly', null, /is "hourly"; it must be one of/],
  [[...S, 'start_time'], MISSING, null, /is missing; it must be a time from 00:00 to 23:59/],
  [[...S, 'start_time'], '24:00', null, /is "24:00"; it must be a time/],
  [[...S, 'start_time'], '7:30', null, /is "7:30"; it must be a time/],
  [[...S, 'days'], MISSING, null, /must be there in a weekly schedule/],
  [[...S, 'days'], 'Monday', null, /must be a list of days/],
  [[...S, 'days', 1], 'Freitag', null, /must be one of Sunday, Monday/],
  [[...S, 'days', 1], 'Tuesday', null, /must be there only once/],
  [[...S, 'days_of_month'], [1], null, /has no place in a weekly schedule, only in a monthly one/],
  [
    S,
    { ...MONTHLY, days_of_month: [0] },
    'schedules[0].days_of_month[0]',
    /is 0; it must be a whole number from 1 to 31/,
  ],
  [
    S,
    { ...MONTHLY, days_of_month: [1, 32] },
    'schedules[0].days_of_month[1]',
    /must be a whole number from 1 to 31/,
  ],
  [S, { ...MONTHLY, days_of_month: [4, 4] }, 'schedules[0].days_of_month[1]', /must be there only once/],
  [S, { ...MONTHLY, days_of_month: 'last' }, 'schedules[0].days_of_month', /must be a list of dates/],
  [S, MONTHLY, 'schedules[0].days_of_month', /must be there in a monthly schedule/],
  [[...S, 'type'], 'daily', 'schedules[0].days', /has no place in a daily schedule/],
  [[...S, 'time_window'], MISSING, null, /must be a mapping with the keys value, distribution/],
  [[...S, 'time_window', 'value'], MISSING, null, /must be a whole number from 600 to 2629746/],
  [[...S, 'time_window', 'value'], 599, null, /is 599; it must be a whole number from 600 to 2629746/],
  [[...S, 'time_window', 'value'], 2_629_747, null, /must be a whole number/],
  [[...S, 'time_window', 'value'], '2h', null, /is "2h"; it must be a whole number/],
  [[...S, 'time_window', 'distribution'], MISSING, null, /must be random/],
  [[...S, 'time_window', 'distribution'], 'even', null, /is "even"; it must be random/],
  [[...S, 'time_window', 'unit'], 's', null, /is not a key that GitLab knows/],
  [
    [...S, 'timezone'],
    'Europe/Lisbonne',
    null,
    /did you mean "Europe\/Lisbon"\? \(GitLab would accept the file and never schedule/,
  ],
  [[...S, 'timezone'], 'europe/lisbon', null, /did you mean "Europe\/Lisbon"\?/],
  [[...S, 'timezone'], '+01:00', null, /an offset does not follow the clocks/],
  [[...S, 'timezone'], 5, null, /is 5; it must be an id of the IANA time zone database/],
  [[...S, 'branches'], 'main', null, /must be a list of names of branches/],
  [[...S, 'branches'], ['a', 'b', 'c', 'd', 'e', 'f'], null, /must have at most 5 names/],
  [[...S, 'branches'], ['a', 'a'], 'schedules[0].branches[1]', /must be there only once/],
  [
    [...S, 'branches'],
    [true],
    'schedules[0].branches[0]',
    /is true; it must be the name of a branch in quotes/,
  ],
  [[...S, 'snooze', 'until'], MISSING, null, /must be a date and time with its offset/],
  [[...S, 'snooze', 'until'], '2027-01-04', null, /must be a date and time with its offset/],
  [[...S, 'snooze', 'until'], '2027-02-30T00:00:00Z', null, /must be a date and time with its offset/],
  [[...S, 'snooze', 'until'], '2027-01-04T00:00:00', null, /must be a date and time with its offset/],
  [[...S, 'snooze', 'reason'], 1, null, /must be text/],
  [[...S, 'snooze'], 'tomorrow', null, /must be a mapping with the keys until, reason/],
  [[...S, 'cron'], '0 0 * * *', null, /is not a key that GitLab knows/],
  [['policy_scope'], [], null, /is a list; it must be a mapping/],
  [['policy_scope', 'match_mode'], 'some', null, /must be one of all, any/],
  [
    ['policy_scope', 'compliance_frameworks'],
    [31],
    'policy_scope.compliance_frameworks[0]',
    /must be a mapping with the keys id/,
  ],
  [
    ['policy_scope', 'compliance_frameworks'],
    [{ id: 'x' }],
    'policy_scope.compliance_frameworks[0].id',
    /must be a whole number from 1/,
  ],
  [['policy_scope', 'projects', 'including'], { id: 1 }, null, /must be a list of \{ id \}/],
  [['policy_scope', 'projects', 'including', 0, 'type'], 'archived', null, /is not a key that GitLab knows/],
  [['policy_scope', 'projects', 'excluding', 1, 'type'], 'forked', null, /must be one of personal, archived/],
  [['policy_scope', 'projects', 'only'], [], null, /is not a key that GitLab knows/],
  [['policy_scope', 'groups', 'excluding', 0, 'id'], 0, null, /must be a whole number from 1/],
  [['policy_scope', 'business_impact', 'including', 0, 'id'], 1.5, null, /must be a whole number from 1/],
  [['variables_override'], true, null, /must be a mapping with the keys allowed, exceptions, dotenv/],
  [['variables_override', 'allowed'], MISSING, null, /must be true or false/],
  [['variables_override', 'exceptions'], 'TOKEN', null, /must be a list of names/],
  [['variables_override', 'exceptions', 0], 1, null, /must be text/],
  [['variables_override', 'dotenv'], 'ignore', null, /must be one of respect_policy, allow_override/],
  [['metadata'], [], null, /must be a mapping from names/],
  [['metadata', '1st'], 'x', null, /must be named with letters/],
  [['metadata', 'owner'], ['x'], null, /must be text, a number, true or false/],
];

test('the file that the wrong ones are made of is right, and read whole', () => {
  const { policies, problems } = readPolicies(yamlOf(FILE, '1.1'), NOW_MS);
  expect(problems).toEqual([]);
  expect(policies.map(({ policy }) => policy)).toMatchObject([
    {
      format: 'gitlab',
      name: 'Nightly container scan',
      enabled: true,
      content: { kind: 'gitlab-include', project: 'harbour/policies', file: 'ci/scan.yml', ref: 'v2' },
      schedule: {
        recurrence: { kind: 'weekly', days: ['Tuesday', 'Friday'] },
        startMinute: 1360,
        timeZone: 'Europe/Lisbon',
        clockChanges: 'skip-and-repeat',
      },
      window: { lengthMs: 7_200_000, spread: 'random' },
      branches: ['main'],
      snooze: { untilMs: Date.parse('2027-01-04T00:00:00Z'), reason: 'Freeze' },
      scope: {
        frameworkIds: [31],
        projects: { including: [4], excluding: [5], excludingTypes: ['archived'] },
        groups: { including: [6], excluding: [7] },
        businessImpact: { including: [8], excluding: [] },
      },
      variables: { allowed: false, exceptions: ['TOKEN'], dotenv: 'respect_policy' },
      metadata: { owner: 'harbour', level: 2, gold: true },
    },
  ]);
});

test.each(
  WRONG.map(([path, value, field, message]) => ({ path, value, field: field ?? fieldOf(path), message })),
)('wrong: $field is $value', ({ path, value, field, message }) => {
  const file = withValue(FILE, [LIST, 0, ...path], value);
  const { errors, lines, policies } = refused(yamlOf(file, '1.1'));
  expect(errors.map((error) => error.field)).toEqual([`${LIST}[0].${field}`]);
  expect(errors[0]?.message).toMatch(message);
  expect(errors[0]?.message).not.toMatch(LIBRARY_WORDS);
  expect(errors[0]?.message.split('\n')).toHaveLength(1);
  expect(lines[0]).toMatch(lineOf(errors[0]));
  expect(policies).toBe(0);
});

test.each<readonly [string, unknown, RegExp]>([
  ['more than five policies', withValue(FILE, [LIST], Array(6).fill(POLICY)), /must have at most 5 policies/],
  ['policies that are no list', withValue(FILE, [LIST], POLICY), /must be a list of policies/],
  ['a policy that is no mapping', withValue(FILE, [LIST], ['scan']), /must be a mapping: one policy/],
  ['an experiment that is no mapping', withValue(FILE, ['experiments'], 'on'), /must be a mapping/],
  ['a file that is a list', [POLICY], /must be a mapping with the key pipeline_execution_schedule_policy/],
])('wrong: %s', (_, file, message) => {
  const { errors, policies } = refused(yamlOf(file, '1.1'));
  expect(errors.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
  expect(policies).toBe(0);
});

test('all mistakes of a file are named, in the order of the file, and make all of it invalid', () => {
  const bad = {
    ...POLICY,
    enabled: 'no',
    schedules: [{ ...POLICY.schedules[0], type: 'daily', cron: 1, start_time: '25:00' }],
  };
  const { errors, policies } = refused(yamlOf({ [LIST]: [POLICY, bad] }, '1.1'));
  expect(errors.map(({ field }) => field.slice(`${LIST}[1].`.length))).toEqual([
    'enabled',
    'schedules[0].days',
    'schedules[0].start_time',
    'schedules[0].cron',
  ]);
  expect(policies).toBe(0);
});

describe('YAML as GitLab reads it', () => {
  const text = yamlOf(FILE, '1.1');

  test.each([
    [
      'an unquoted time is a number',
      text.replace('"22:40"', '22:40'),
      /start_time is 1360; it must be a time .* in quotes/,
    ],
    [
      'an unquoted date makes GitLab ignore the file',
      text.replace('"2027-01-04T00:00:00+00:00"', '2027-01-04T00:00:00+00:00'),
      /is a time stamp here, and GitLab then ignores the whole file; write it in quotes/,
    ],
    [
      'and so does a bare day',
      text.replace('"2027-01-04T00:00:00+00:00"', '2027-01-04'),
      /is a time stamp here/,
    ],
    [
      'a branch named on is true',
      text.replace('- main', '- on'),
      /is true; it must be the name of a branch in quotes/,
    ],
    ['a symbol makes GitLab ignore the file', text.replace('- main', '- :main'), /:main is a symbol here/],
    ['a tag nobody knows', text.replace('- main', '- !ruby/object:X {}'), /Unresolved tag/],
  ])('%s', (_, wrong, message) => {
    expect(wrong).not.toBe(text);
    const { errors, policies } = refused(wrong);
    expect(errors.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
    expect(policies).toBe(0);
  });

  test('yes is true, y is a word, and the last of two equal keys counts, with a warning', () => {
    const lax = text
      .replace('enabled: true\n    content', 'enabled: no\n    enabled: yes\n    content')
      .replace('- main', '- y');
    const { policies, problems } = readPolicies(lax, NOW_MS);
    expect(policies.map(({ policy }) => [policy.enabled, policy.branches])).toEqual([[true, ['y']]]);
    expect(problems.map(({ code, place }) => [code, place?.line])).toEqual([
      ['key-twice', lax.split('\n').findIndex((line) => line.includes('enabled: yes')) + 1],
    ]);
  });

  test('anchors and merges are followed', () => {
    const shared = `base: &base { start_time: "01:00", time_window: { value: 600, distribution: random } }
${LIST}:
  - name: a
    enabled: true
    content: { include: [{ project: p/q, file: f.yml }] }
    schedules: [{ <<: *base, type: daily }]
`;
    const { policies, problems } = readPolicies(shared, NOW_MS);
    expect(policies.map(({ policy }) => policy.schedule.startMinute)).toEqual([60]);
    expect(problems.map(({ code, field }) => [code, field])).toEqual([['key-without-effect', 'base']]);
  });
});

describe('what GitLab tolerates', () => {
  const read = (file: unknown) => readPolicies(yamlOf(file, '1.1'), NOW_MS);
  const withSchedule = (changes: object) =>
    withValue(FILE, [LIST, 0, 'schedules', 0], { ...POLICY.schedules[0], ...changes });

  test.each([
    [
      'no days are Sunday',
      withSchedule({ days: [], snooze: undefined }),
      { kind: 'weekly', days: ['Sunday'] },
    ],
    [
      'no dates are the first',
      withSchedule({ type: 'monthly', days: undefined, days_of_month: [] }),
      { kind: 'monthly', daysOfMonth: [1] },
    ],
  ])('%s', (_, file, recurrence) => {
    const { policies, problems } = read(file);
    expect(policies.map(({ policy }) => policy.schedule.recurrence)).toEqual([recurrence]);
    expect(problems.map(({ code }) => code)).toEqual(['days-empty']);
  });

  test('no branches, and an empty list of them, are the default branch; no zone is UTC; no scope is everything', () => {
    const { schedules, policy_scope: _, ...rest } = POLICY;
    const { branches: __, timezone: ___, ...bare } = schedules[0] ?? { branches: [], timezone: '' };
    for (const schedule of [bare, { ...bare, branches: [] }]) {
      const { policies, problems } = read({ [LIST]: [{ ...rest, schedules: [schedule] }] });
      expect(problems).toEqual([]);
      expect(policies[0]?.policy).toMatchObject({
        branches: [],
        schedule: { timeZone: 'UTC' },
        scope: { frameworkIds: [], projects: { including: [], excluding: [], excludingTypes: [] } },
      });
    }
  });

  test('other policies, unknown keys of a policy and of its scope, each with a warning where it has no effect', () => {
    const file = {
      approval_policy: [{ anything: 1 }],
      pipeline_execution_schedul_policy: [],
      [LIST]: [
        { ...POLICY, skip_ci: { allowed: false }, policy_scope: { ...POLICY.policy_scope, exposure: {} } },
      ],
    };
    expect(read(file).problems.map(({ severity, code, field }) => [severity, code, field])).toEqual([
      ['warning', 'key-without-effect', 'pipeline_execution_schedul_policy'],
      ['warning', 'scope-without-effect', `${LIST}[0].policy_scope.exposure`],
      ['warning', 'key-without-effect', `${LIST}[0].skip_ci`],
    ]);
  });

  test.each([
    ['Pacific Time (US & Canada)', 'America/Los_Angeles'],
    ['Berlin', 'Europe/Berlin'],
    ['Hong Kong', 'Asia/Hong_Kong'],
    ['Kyiv', 'Europe/Kyiv'],
  ])('the Rails zone %s, with a warning', (timezone, want) => {
    const { policies, problems } = read(withSchedule({ timezone }));
    expect(policies[0]?.policy.schedule.timeZone).toBe(want);
    expect(problems.map(({ code, message }) => [code, message.includes(want)])).toEqual([
      ['time-zone-renamed', true],
    ]);
  });

  test('a file without scheduled policies, with a warning', () => {
    for (const file of [{ approval_policy: [] }, { [LIST]: [] }]) {
      expect(read(file).problems.map(({ code }) => code)).toEqual(['nothing-scheduled']);
    }
  });

  test('two policies of one name, and an experiment switched off, with warnings', () => {
    const file = { experiments: { [LIST]: { enabled: false } }, [LIST]: [POLICY, POLICY] };
    expect(read(file).problems.map(({ code, field }) => [code, field])).toEqual([
      ['policy-inactive', `experiments.${LIST}.enabled`],
      ['name-twice', `${LIST}[1].name`],
    ]);
  });
});
