/** GitLab's policy.yml: read as GitLab reads it, every field wrong in turn, every surprise. */
import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../../src/documents/policy/read-policies.ts';
import { fieldOf, LIBRARY_WORDS, lineOf, NOW_MS, neverWrong, refused, withValue, yamlOf } from './wrong.ts';
import { FILE, LIST, POLICY, WRONG } from './wrong-gitlab.ts';

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

test('there is no key without a wrong value', () => {
  expect(neverWrong(POLICY, WRONG)).toEqual([]);
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
