import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system-clock/system-clock.ts';

/** A machine whose time of day somebody can set while its steady clock goes on. */
let setBackByMs = 0;
const machine = () => ({
  wallMs: () => 1_000_000 + performance.now() - setBackByMs,
  steadyMs: () => performance.now(),
});

beforeEach(() => {
  setBackByMs = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function calls(): { readonly atMs: number[]; note: () => void } {
  const atMs: number[] = [];
  return { atMs, note: () => atMs.push(performance.now()) };
}

test('a callback comes once, at its instant', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  clock.at(clock.nowMs() + 1_500, note);
  vi.advanceTimersByTime(1_499);
  expect(atMs).toEqual([]);
  vi.advanceTimersByTime(100_000);
  expect(atMs).toEqual([1_500]);
});

test('an instant that has passed is called at once, but never within the call', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  clock.at(clock.nowMs() - 5, note);
  expect(atMs).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(atMs).toHaveLength(1);
});

test('a cancelled callback never comes, also when its timer was renewed', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  const cancel = clock.at(clock.nowMs() + 200_000, note);
  vi.advanceTimersByTime(150_000);
  cancel();
  cancel();
  vi.advanceTimersByTime(500_000);
  expect(atMs).toEqual([]);
});

test('forty days are waited for, though a timer of Node.js holds 25', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  const days = 40 * 86_400_000;
  clock.at(clock.nowMs() + days, note);
  vi.advanceTimersByTime(days - 1);
  expect(atMs).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(atMs).toEqual([days]);
});

test('set back by an hour, the clock does not make a wait of five minutes longer', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  clock.at(clock.nowMs() + 300_000, note);
  vi.advanceTimersByTime(100_000);
  setBackByMs = 3_600_000;
  vi.advanceTimersByTime(199_999);
  expect(atMs).toEqual([]);
  vi.advanceTimersByTime(60_001);
  expect(atMs).toEqual([300_000]);
});

test('set forward, or after a sleep, a callback comes within a minute of the new time', () => {
  const clock = systemClock(machine());
  const { atMs, note } = calls();
  clock.at(clock.nowMs() + 7_200_000, note);
  vi.advanceTimersByTime(10_000);
  setBackByMs = -7_200_000;
  vi.advanceTimersByTime(60_000);
  expect(atMs).toHaveLength(1);
});

test('the real one tells the time of this machine and calls back not before the instant', async () => {
  vi.useRealTimers();
  const clock = systemClock();
  const atMs = clock.nowMs() + 15;
  const seenMs = await new Promise<number>((resolve) => clock.at(atMs, () => resolve(clock.nowMs())));
  expect(seenMs).toBeGreaterThanOrEqual(atMs);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
});
