/** Budgets of requests: how much, for whom, and in how much memory. */
import { expect, test } from 'vitest';
import { addressKey, RateLimits } from '../../src/api/access/rate-limits.ts';

test('ten seconds of requests may come at once, then so many a second', () => {
  let nowMs = 1_000_000;
  const limits = new RateLimits(5, () => nowMs);
  const takeAll = (): number => {
    let taken = 0;
    while (limits.take('mia') === 0) taken += 1;
    return taken;
  };
  expect(takeAll()).toBe(50);
  nowMs += 1_000;
  expect(takeAll()).toBe(5);
  const waitMs = limits.take('mia');
  expect(waitMs).toBeGreaterThan(0);
  nowMs += Math.ceil(waitMs) - 2;
  expect(limits.take('mia')).toBeGreaterThan(0);
  nowMs += 2;
  expect(limits.take('mia')).toBe(0);
});

test('what one spends is not taken from another, and a clock that is set back gives nothing away', () => {
  let nowMs = 1_000_000;
  const limits = new RateLimits(1, () => nowMs);
  for (let count = 0; count < 10; count += 1) expect(limits.take('mia')).toBe(0);
  expect(limits.take('otto')).toBe(0);
  nowMs -= 600_000;
  expect(limits.take('mia')).toBeGreaterThan(0);
  nowMs += 1_000;
  expect(limits.take('mia')).toBe(0);
});

test('a million addresses take the room of ten thousand', () => {
  const limits = new RateLimits(1, () => 0);
  for (let n = 0; n < 1_000_000; n += 1) limits.take(`10.${n}`);
  expect(limits.keys).toBe(10_000);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
