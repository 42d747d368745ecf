/**
 * The model's ranges on generated histories: walking forward through 40 log-normal series of
 * random centres and spreads, each next run is forecast from all runs before it.
 */
import { expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationSample } from '../../../src/core/duration/model.ts';
import { normal } from '../../../src/core/random/normal.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { aSeries, FIRST, logNormal, samplesOf } from './history.ts';

const SERIES = 40;
const RUNS = 25;

interface Shares {
  readonly forecasts: number;
  readonly belowP90: number;
  readonly within80: number;
}

/** @param drawSpread the spread within a series, in log time, of each series */
function walkForward(seed: number, drawSpread: (z: number) => number): (from: number, to: number) => Shares {
  const random = randomStream(seed, 'series');
  const series = Array.from({ length: SERIES }, (_, place) => {
    const medianMs = 60_000 * Math.exp(1.5 * normal(random));
    const spread = drawSpread(normal(random));
    return samplesOf(`p${place}`, logNormal(RUNS, { seed: 1_000 * seed + place, medianMs, spread }));
  });
  const hits = Array.from({ length: RUNS }, () => ({ belowP90: 0, within80: 0 }));
  for (let n = 0; n < RUNS; n += 1) {
    const model = learnDurations(
      series.flatMap((samples) => samples.slice(0, n)),
      FIRST,
    );
    for (const [place, samples] of series.entries()) {
      const { durationMs } = samples[n] as DurationSample;
      const [p10 = 0, p90 = 0] = model.quantiles(aSeries(`p${place}`), [0.1, 0.9]);
      const hit = hits[n] as { belowP90: number; within80: number };
      if (durationMs <= p90) hit.belowP90 += 1;
      if (durationMs >= p10 && durationMs <= p90) hit.within80 += 1;
    }
  }
  return (from, to) => {
    const chosen = hits.slice(from, to);
    const forecasts = chosen.length * SERIES;
    const share = (of: (hit: { belowP90: number; within80: number }) => number): number =>
      chosen.reduce((sum, hit) => sum + of(hit), 0) / forecasts;
    return { forecasts, belowP90: share((hit) => hit.belowP90), within80: share((hit) => hit.within80) };
  };
}

test.each([
  { kind: 'spreads of all kinds', drawSpread: (z: number) => Math.exp(-0.87 + 0.8 * z) },
  { kind: 'steady series', drawSpread: () => 0.05 },
  { kind: 'wild series', drawSpread: () => 1 },
])('$kind, from the third run on: P90 covers 84 to 96 %, P10 to P90 covers 70 to 90 %', ({ drawSpread }) => {
  const { forecasts, belowP90, within80 } = walkForward(1, drawSpread)(2, RUNS);
  expect(forecasts).toBe(SERIES * (RUNS - 2));
  expect(belowP90).toBeGreaterThan(0.84);
  expect(belowP90).toBeLessThan(0.96);
  expect(within80).toBeGreaterThan(0.7);
  expect(within80).toBeLessThan(0.9);
});
