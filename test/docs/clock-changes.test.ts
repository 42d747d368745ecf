/** The table of clock changes in the guide is what the code says today. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withTable } from '../../scripts/clock-changes/table.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'guides', 'policies.md'), 'utf8');

test('it is current, else run "npm run docs:clock-changes"', () => {
  expect(withTable(guide)).toBe(guide);
});

test('the check finds a table that is not', () => {
  const old = guide.replace('| 02:30 |', '| 02:45 |');
  expect(old).not.toBe(guide);
  expect(withTable(old)).not.toBe(old);
});
