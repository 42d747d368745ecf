/** The median plan: positions and times if every run takes its expected time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianPlan } from '../../../src/core/forecast/plan.ts';
import { runId } from '../../../src/core/model/run.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { anySnapshot, shuffled } from '../admission/any-snapshot.ts';

test('a position is 1 + the number of runs with an earlier start, in any queue and any order of its lists', () => {
  fc.assert(
    fc.property(anySnapshot(), fc.integer(), (snapshot, seed) => {
      const plan = medianPlan(snapshot);
      const starts = [...plan.values()].map((planned) => planned.startAtMs);
      for (const { position, startAtMs, finishAtMs } of plan.values()) {
        expect(position).toBe(1 + starts.filter((other) => other < startAtMs).length);
        expect(startAtMs).toBeGreaterThanOrEqual(snapshot.nowMs);
        expect(finishAtMs).toBeGreaterThan(startAtMs);
      }
      const held = new Set(snapshot.held.map((run) => run.id));
      for (const id of plan.keys()) expect(held.has(id)).toBe(true);
      expect([...medianPlan(shuffled(snapshot, seed))]).toEqual([...plan]);
    }),
    { numRuns: 500 },
  );
});

test('what runs ends when admission expects it to, and each run takes its P50, at most its timeout', () => {
  const snapshot = aSnapshot({
    nowMs: 1_000,
    // Started at 900 with a P50 of 60: expected at 960, then at 1,020.
    active: [anActiveRun('x', { sinceMs: 900, estimate: { p50Ms: 60, p90Ms: 90 } })],
    held: [
      aHeldRun('a', { estimate: { p50Ms: 30, p90Ms: 90 } }),
      aHeldRun('b', { estimate: { p50Ms: 500, p90Ms: 900 }, timeoutMs: 40 }),
      aHeldRun('c', { estimate: { p50Ms: 10, p90Ms: 10 } }),
    ],
  });
  expect([...medianPlan(snapshot)]).toEqual([
    [runId('a'), { position: 1, startAtMs: 1_020, finishAtMs: 1_050 }],
    [runId('b'), { position: 2, startAtMs: 1_050, finishAtMs: 1_090 }],
    [runId('c'), { position: 3, startAtMs: 1_090, finishAtMs: 1_100 }],
  ]);
});

test('runs that start together share a position, and the next one counts them all', () => {
  const held = ['a', 'b', 'c', 'd', 'e'].map((name) => aHeldRun(name));
  const snapshot = aSnapshot({ pools: [aPool('runs', 2)], held });
  expect([...medianPlan(snapshot).values()].map((planned) => planned.position)).toEqual([1, 1, 3, 3, 5]);
});

test('what never starts has no place in the plan', () => {
  const snapshot = aSnapshot({ held: [aHeldRun('huge', { requests: { runs: 2 } }), aHeldRun('fine')] });
  expect([...medianPlan(snapshot).keys()]).toEqual([runId('fine')]);
});
