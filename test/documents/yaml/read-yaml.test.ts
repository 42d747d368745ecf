/** Texts that are made to hurt: refused with a reason, whatever size was tried, and not by waiting. */
import { describe, expect, test } from 'vitest';
import { readYaml, TEXT_BYTES_MAX } from '../../../src/documents/yaml/read-yaml.ts';

const repeated = (count: number, text: (index: number) => string, joint = '') =>
  Array.from({ length: count }, (_, index) => text(index)).join(joint);

describe('refused', () => {
  test.each([
    ['a text of 10 MB', 'x'.repeat(10_000_000), /has 10000000 bytes; 1048576 \(1 MiB\) are allowed/],
    ['lists in lists', '['.repeat(500_000), /is nested too deeply/],
    ['mappings in mappings', '{a: '.repeat(200_000), /is nested too deeply/],
    ['block lists on one line', '- '.repeat(400_000), /is nested too deeply/],
    // The parser alone takes minutes for this one.
    ['keys of keys', '? '.repeat(500_000), /is nested too deeply/],
    [
      'aliases of aliases',
      repeated(
        9,
        (level) =>
          level === 0
            ? 'a0: &a0 [x, x, x]'
            : `a${level}: &a${level} [${repeated(9, () => `*a${level - 1}`, ', ')}]`,
        '\n',
      ),
      /expand to more than 100 nodes/,
    ],
    // The library takes minutes for this one: it looks at each anchor for each alias.
    [
      'very many anchors and aliases',
      `[${repeated(50_000, (i) => `&a${i} 1`, ',')},${repeated(50_000, (i) => `*a${i}`, ',')}]`,
      /more than 200 aliases/,
    ],
    ['marks and nothing else', `{${','.repeat(1_000_000)}}`, /has more than 500000 words and marks/],
    ['a key that objects have', 'a: { __proto__: { b: 1 } }', /__proto__ cannot be a key/],
    ['a key that is a list', '[1, 2]: x', /a key must be a plain word or text/],
    ['a key given twice', 'a: 1\nb: 2\na: 3', /the key "a" is there twice/],
    ['an alias to nothing', 'a: *b', /Unresolved alias/],
    ['an alias to itself', 'a: &a [1, { b: *a }]', /\*a stands inside what it stands for/],
  ])('%s', (_, text, message) => {
    const { mistakes } = readYaml(text);
    expect(mistakes[0]?.message).toMatch(message);
    expect(mistakes.length).toBeLessThanOrEqual(100);
  });
});

test.each([
  ['a hundred thousand keys', repeated(70_000, (i) => `k${i}: 1`, '\n'), 70_000],
  ['a hundred levels', `${repeated(90, (i) => `${' '.repeat(i)}a:`, '\n')} x`, 1],
])('read: %s', (_, text, keys) => {
  expect(text.length).toBeLessThan(TEXT_BYTES_MAX);
  const { documents, mistakes } = readYaml(text);
  expect(mistakes).toEqual([]);
  expect(Object.keys(documents[0]?.value as object)).toHaveLength(keys);
});

test('places are those of the key, or of the value, through anchors too, or of the nearest thing around', () => {
  const text = 'base: &b\n  x: [1, {y: 2}]\nuse:\n  - *b\n  - z:   3\n';
  const [document] = readYaml(text).documents;
  const place = (path: readonly (string | number)[]) => document?.keyPlace(path);
  expect(place(['use', 0, 'x', 1, 'y'])).toEqual({ line: 2, column: 11 });
  expect(place(['use', 1, 'z'])).toEqual({ line: 5, column: 5 });
  expect(document?.valuePlace(['use', 1, 'z'])).toEqual({ line: 5, column: 10 });
  expect(place(['use', 1, 'nothing', 'here'])).toEqual({ line: 5, column: 5 });
  expect(place(['use', 9])).toEqual({ line: 3, column: 1 });
  expect(place([])).toEqual({ line: 1, column: 1 });
});

test('several documents each have their own places; empty ones are left out', () => {
  const { documents } = readYaml('---\na: 1\n---\n---\nb: 2\n');
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }]);
  expect(documents[1]?.keyPlace(['b'])).toEqual({ line: 5, column: 1 });
});
