/** What lasts about a series: steady ones are not expected to be wild all at once, wild ones are. */
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel, DurationSample } from '../../../src/core/duration/model.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { quantile } from '../../../src/core/stats/quantile.ts';
import { aSeries, logNormal, samplerOf, samplesOf } from './history.ts';

/** A guess made before anything was measured, a hundred times too long. */
const FIRST = { p50Ms: 300_000, p90Ms: 1_800_000 };
const SERIES = 12;
const RUNS = 25;

function histories(count: number, spread: number): readonly DurationSample[] {
  return Array.from({ length: SERIES }, (_, place) =>
    samplesOf(`p${place}`, logNormal(count, { seed: place, medianMs: 2_000 + 150 * place, spread })),
  ).flat();
}

/** Over replications: how many of all the runs to come take more than so long. */
function countsAbove(model: DurationModel, limitMs: number): Float64Array {
  return Float64Array.from({ length: 400 }, (_, replication) => {
    let above = 0;
    for (let place = 0; place < SERIES; place += 1) {
      const random = randomStream(place, 'lasting', replication);
      const sampler = samplerOf(model, aSeries(`p${place}`), random);
      for (let run = 0; run < RUNS; run += 1) if (sampler.draw(random, 0) > limitMs) above += 1;
    }
    return above;
  }).sort();
}

describe('300 runs of steady pipelines of some seconds, none of which ever came near ten', () => {
  test.each([
    [5, 5],
    [20, 2],
  ])('with %d samples of each, P90 of those that take more than ten is at most %d', (count, most) => {
    const counts = countsAbove(learnDurations(histories(count, 0.2), FIRST), 10_000);
    expect(quantile(counts, 0.9)).toBeLessThanOrEqual(most);
  });
});

test('of wild pipelines as many are expected above their 95 % as there are', () => {
  // ln 10 s is 1.645 deviations above the median of 2.8 s.
  const counts = countsAbove(learnDurations(histories(20, 0.77), FIRST), 10_000);
  const share = counts.reduce((sum, count) => sum + count, 0) / counts.length / SERIES / RUNS;
  expect(share).toBeGreaterThan(0.03);
  expect(share).toBeLessThan(0.08);
});
