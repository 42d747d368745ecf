/** Draws of the duration model agree with its quantiles, and respect the time a run has taken already. */
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel } from '../../../src/core/duration/model.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { aSeries, FIRST, logNormal, samplerOf, samplesOf } from './history.ts';

const OTHERS = Array.from({ length: 9 }, (_, place) =>
  samplesOf(`other-${place}`, logNormal(6, { seed: place, medianMs: 5_000 * (place + 1), spread: 0.3 })),
).flat();

function modelWith(count: number): DurationModel {
  const own = logNormal(count, { seed: 77, medianMs: 60_000, spread: 0.4 });
  return learnDurations([...OTHERS, ...samplesOf('p', own)], FIRST);
}

/** One draw of each of many replications. */
function drawsOf(model: DurationModel, replications: number, elapsedMs = 0): number[] {
  return Array.from({ length: replications }, (_, replication) => {
    const random = randomStream(3, 'replication', replication);
    return samplerOf(model, aSeries('p'), random).draw(random, elapsedMs);
  });
}

test.each([0, 1, 2, 5, 20, 80])(
  'with %d samples of its own, the shares of draws below P10, P50 and P90 are 10, 50 and 90 %%',
  (count) => {
    const model = modelWith(count);
    const levels = [0.1, 0.5, 0.9];
    const quantiles = model.quantiles(aSeries('p'), levels);
    const draws = drawsOf(model, 4_000);
    levels.forEach((level, place) => {
      const limit = quantiles[place] as number;
      // Own samples are values that many draws take: a value at the quantile counts half.
      const below = draws.filter((draw) => draw < limit).length;
      const at = draws.filter((draw) => draw === limit).length;
      const share = (below + at / 2) / draws.length;
      // Monte-Carlo error, and the steps of the own samples, which the quantiles smooth.
      const steps = count < 2 ? 0 : 0.03;
      expect(Math.abs(share - level)).toBeLessThan(4 * Math.sqrt((level * (1 - level)) / 4_000) + steps);
    });
  },
);

test('the same stream gives the same draws', () => {
  expect(drawsOf(modelWith(5), 50)).toEqual(drawsOf(modelWith(5), 50));
});

test('runs of one replication share their luck: their mean varies more than independent draws could', () => {
  const model = modelWith(3);
  const runs = 50;
  const logMeans: number[] = [];
  const logs: number[] = [];
  for (let replication = 0; replication < 400; replication += 1) {
    const random = randomStream(4, 'replication', replication);
    const sampler = samplerOf(model, aSeries('p'), random);
    const drawn = Array.from({ length: runs }, () => Math.log(sampler.draw(random, 0)));
    logs.push(...drawn);
    logMeans.push(drawn.reduce((sum, y) => sum + y, 0) / runs);
  }
  const varianceOf = (values: readonly number[]): number => {
    const centre = values.reduce((sum, y) => sum + y, 0) / values.length;
    return values.reduce((sum, y) => sum + (y - centre) ** 2, 0) / values.length;
  };
  expect(varianceOf(logMeans)).toBeGreaterThan((3 * varianceOf(logs)) / runs);
});

describe('given how long a run takes already', () => {
  test.each([0, 1, 5, 80])('with %d samples, every draw is longer than that, and finite', (count) => {
    const model = modelWith(count);
    for (const elapsedMs of [1, 1_000, 59_999.5, 200_000, 3_600_000, 1e9, 1e14]) {
      for (const draw of drawsOf(model, 200, elapsedMs)) {
        expect(draw).toBeGreaterThan(elapsedMs);
        expect(Number.isFinite(draw)).toBe(true);
      }
    }
  });

  test('the draws are those of all runs that last as long', () => {
    // Over replications, since a run that lasts makes the parameters likelier that expected it.
    const model = modelWith(5);
    const all = drawsOf(model, 40_000).sort((a, b) => a - b);
    const elapsedMs = all[28_000] as number;
    const lasting = all.slice(28_001);
    const drawn = drawsOf(model, 10_000, elapsedMs);
    for (const level of [0.25, 0.5, 0.75, 0.95]) {
      const limit = lasting[Math.floor(level * lasting.length)] as number;
      const share = drawn.filter((value) => value <= limit).length / drawn.length;
      expect(Math.abs(share - level)).toBeLessThan(0.03);
    }
  });

  test('what has outlived all its predecessors by far is expected to take at most as long again', () => {
    const model = learnDurations(
      samplesOf(
        'p',
        Array.from({ length: 30 }, () => 10_000),
      ),
      FIRST,
    );
    for (const draw of drawsOf(model, 200, 1e9)) expect(draw).toBeLessThanOrEqual(2e9);
  });
});
