/** Launches through crashes at any step, lost creations, outages, edits and clocks that jump. */
import { expect, test } from 'vitest';
import { simulateLaunches } from '../../sim/launches/simulation.ts';

const SEEDS = 40;

test('each launch becomes one run, or says why it became none', { timeout: 120_000 }, async () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violations, states, trace } = await simulateLaunches(seed);
    expect(violations, `seed ${seed}\n${trace.join('\n')}`).toEqual([]);
    for (const [state, count] of Object.entries(states)) seen.set(state, (seen.get(state) ?? 0) + count);
  }
  // The stories really are told.
  for (const state of ['launched', 'missed', 'disabled', 'out-of-scope', 'snoozed']) {
    expect([state, (seen.get(state) ?? 0) > 0]).toEqual([state, true]);
  }
});

test('the same seed gives the same story', async () => {
  const [first, second] = [await simulateLaunches(7), await simulateLaunches(7)];
  expect(second.trace).toEqual(first.trace);
});
