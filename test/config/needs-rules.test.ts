import { describe, expect, test } from 'vitest';
import { NEEDS_SCHEMA } from '../../src/config/needs-rules.ts';

test('without a word, the names others use are understood and there are no rules', () => {
  expect(NEEDS_SCHEMA.parse({})).toEqual({
    annotationPrefix: 'prsstarter.example.com',
    unlimited: ['local', 'localhost', 'linux/x86_64'],
    rules: [],
  });
});

describe('a wrong rule names its key and what is allowed', () => {
  test.each<[string, unknown, string, RegExp]>([
    [
      'a condition',
      { when: 'project = 1', requests: { a: 1 } },
      'rules.0.when',
      /^must be a condition in CEL that is right for every run: /,
    ],
    [
      'a condition that is no text',
      { when: true, requests: { a: 1 } },
      'rules.0.when',
      /^must be a condition in CEL$/,
    ],
    [
      'a condition about pools',
      { forEach: 'project', requests: { a: 1 } },
      'rules.0.forEach',
      /yields string/,
    ],
    ['nothing to add', { when: 'true' }, 'rules.0', /must have requests, a priority, or both/],
    [
      'pools without requests',
      { forEach: 'true', priority: 'low' },
      'rules.0.forEach',
      /must come with requests/,
    ],
    ['runs', { requests: { runs: 2 } }, 'rules.0.requests.runs', /each run takes one/],
    ['units', { requests: { a: 0 } }, 'rules.0.requests.a', /must be a whole number from 1 to 1000000/],
    ['an unknown key', { requests: { a: 1 }, wen: 'true' }, 'rules.0.wen', /did you mean "when"/],
  ])('%s', (_, rule, path, message) => {
    const { error } = NEEDS_SCHEMA.safeParse({ rules: [{ name: 'r', ...(rule as object) }] });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(error?.issues[0]?.message).toMatch(message);
  });

  test('a prefix', () => {
    const { error } = NEEDS_SCHEMA.safeParse({ annotationPrefix: 'a/b' });
    expect(error?.issues[0]?.message).toMatch(/the part of an annotation before its "\/"/);
  });
});
