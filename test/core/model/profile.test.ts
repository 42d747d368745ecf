/** A profile is bounded, and equal for equal work. */
import { expect, test } from 'vitest';
import { profileOf, TASKS_MAX, type TaskSpan } from '../../../src/core/model/profile.ts';

const aSpan = (task: string, fromMs: number, toMs: number): TaskSpan => ({
  task,
  fromMs,
  toMs,
  platform: null,
  cpuRequestMillis: null,
  memoryRequestBytes: null,
});

test('tasks come in the order in which they began, whatever order they were seen in', () => {
  const spans = [aSpan('b', 5, 9), aSpan('a', 5, 7), aSpan('c', 0, 5), aSpan('a', 5, 6)];
  const inOrder = [aSpan('c', 0, 5), aSpan('a', 5, 6), aSpan('a', 5, 7), aSpan('b', 5, 9)];
  expect(profileOf(spans)).toEqual({ tasks: inOrder, tasksLeftOut: 0 });
  expect(profileOf(spans.toReversed())).toEqual(profileOf(spans));
});

test('of too many tasks the longest are kept, and how many were left out is said', () => {
  const spans = Array.from({ length: TASKS_MAX + 40 }, (_, n) => aSpan(`t${n}`, n, 2 * n));
  const profile = profileOf(spans);
  expect(profile?.tasksLeftOut).toBe(40);
  expect(profile?.tasks).toEqual(spans.slice(40));
});

test('a run without tasks has no profile', () => {
  expect(profileOf([])).toBeNull();
});
