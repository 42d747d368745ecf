/** A meter that differs from what is listed is told once, and once when it is over. */
import { expect, test } from 'vitest';
import { CrossChecks } from '../../../src/app/capacity/cross-checks.ts';
import type { CrossCheck } from '../../../src/app/capacity/other-use.ts';
import { keptLog } from '../../support/log-lines.ts';

const disagrees = (units: number): CrossCheck => ({
  kind: 'disagrees',
  units,
  listedLeast: 3,
  listedMost: 4,
  sinceMs: 0,
  scrapes: 3,
});

test('one line at the beginning, one at the end, and a gauge meanwhile', () => {
  const { log, lines } = keptLog();
  const checks = new CrossChecks(log);
  const figures: (readonly number[])[] = [];
  const told: CrossCheck[] = [{ kind: 'agrees' }, disagrees(9), disagrees(10), { kind: 'agrees' }];
  for (const check of [...told, { kind: 'unusable', why: 'the gauge is stale' } as const]) {
    checks.found(new Map([['runs', check]]));
    figures.push(checks.figures().map(({ value }) => value));
  }
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'The meter disagrees with what is listed',
      fields: { pool: 'runs', metered: 9, listedLeast: 3, listedMost: 4 },
    },
    { level: 'info', message: 'The meter agrees with what is listed again', fields: { pool: 'runs' } },
    {
      level: 'warn',
      message: 'What the meter shows cannot be used',
      fields: { pool: 'runs', why: 'the gauge is stale' },
    },
  ]);
  expect(figures).toEqual([
    [0, 0],
    [1, 0],
    [1, 0],
    [0, 0],
    [0, 1],
  ]);
});

test('a pool that is measured no more has no figures', () => {
  const checks = new CrossChecks(null);
  checks.found(new Map([['runs', disagrees(9)]]));
  checks.found(new Map());
  expect(checks.figures()).toEqual([]);
});
