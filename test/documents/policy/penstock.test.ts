/** Penstock's own policy document: read whole, every field wrong in turn, several in one file. */
import { describe, expect, test } from 'vitest';
import { readPolicies, readPolicyDocument } from '../../../src/documents/policy/read-policies.ts';
import { fieldOf, LIBRARY_WORDS, lineOf, NOW_MS, neverWrong, refused, withValue, yamlOf } from './wrong.ts';
import { FULL, MINIMAL, WRONG } from './wrong-penstock.ts';

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

test('there is no key without a wrong value, but those that are others’ business', () => {
  expect(neverWrong(FULL, WRONG)).toEqual([
    'metadata.namespace',
    'metadata.uid',
    'spec.content.pipelineSpec.tasks',
    'spec.content.pipelineSpec.tasks.name',
    'status',
    'status.anything',
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
