/** What was learned can be stored: going on from it is going on. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DurationState,
  inOrderOfEnd,
  LearnedDurations,
  learnDurations,
} from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel, DurationSample, Series } from '../../../src/core/duration/model.ts';
import { OUTCOMES } from '../../../src/core/model/run.ts';
import { aSeries, FIRST, logNormal, samplesOf } from './history.ts';

const LEVELS = [0.05, 0.5, 0.95];
const PROJECTS = ['p', 'q', 'r'];
const CONTENTS = ['one', 'two'];
const anySample: fc.Arbitrary<DurationSample> = fc.record({
  project: fc.constantFrom(...PROJECTS),
  tenant: fc.constantFrom('a', 'b'),
  contentHash: fc.constantFrom(...CONTENTS),
  startedAtMs: fc.integer({ min: 0, max: 100_000 }),
  durationMs: fc.integer({ min: 1, max: 10_000_000 }),
  outcome: fc.constantFrom(...OUTCOMES),
});

const series: readonly Series[] = [...PROJECTS, 'unseen'].flatMap((project) =>
  [...CONTENTS, 'unseen'].map((contentHash) => ({ project, tenant: 'a', contentHash })),
);

function saidBy(model: DurationModel): readonly (readonly number[])[] {
  return series.map((one) => model.quantiles(one, LEVELS));
}

function asText(state: DurationState): DurationState {
  return JSON.parse(JSON.stringify(state)) as DurationState;
}

test('all at once, one by one, and with a restart in between: the same model, to the last bit', () => {
  fc.assert(
    fc.property(fc.array(anySample, { maxLength: 80, size: 'max' }), fc.nat(80), (samples, restart) => {
      const ordered = inOrderOfEnd(samples);
      const steadily = new LearnedDurations({ first: FIRST });
      let restarted = new LearnedDurations({ first: FIRST });
      ordered.forEach((sample, place) => {
        if (place === restart)
          restarted = new LearnedDurations({ first: FIRST, state: asText(restarted.state()) });
        steadily.record(sample);
        restarted.record(sample);
      });
      const want = saidBy(learnDurations(samples, FIRST));
      expect(saidBy(steadily.model())).toEqual(want);
      expect(saidBy(restarted.model())).toEqual(want);
      expect(restarted.state()).toEqual(asText(steadily.state()));
    }),
    { numRuns: 200 },
  );
});

test('a model stays as it was when more is learned', () => {
  const learned = new LearnedDurations({ first: FIRST });
  for (const sample of samplesOf('p', [10_000, 11_000, 12_000])) learned.record(sample);
  const model = learned.model();
  const untouched = learned.model();
  const before = model.quantiles(aSeries('p'), LEVELS);
  for (const sample of samplesOf('p', logNormal(50, { seed: 1, medianMs: 900_000, spread: 1 }))) {
    learned.record(sample);
  }
  // Asked before, and asked only now.
  expect(model.quantiles(aSeries('p'), LEVELS)).toEqual(before);
  expect(untouched.quantiles(aSeries('p'), LEVELS)).toEqual(before);
  expect(model.evidence(aSeries('p'))).toEqual({ ownSamples: 3, pooledSamples: 3 });
  expect(learned.model().evidence(aSeries('p'))).toEqual({ ownSamples: 53, pooledSamples: 53 });
});

test('a glance says what the model of that moment says', () => {
  const learned = new LearnedDurations({ first: FIRST });
  for (const sample of samplesOf('p', [10_000, 11_000, 12_000])) learned.record(sample);
  expect(saidBy(learned.glance())).toEqual(saidBy(learned.model()));
});

describe('scale', () => {
  test('all durations ten times as long: all forecasts about ten times as long', () => {
    const first = { p50Ms: 2_000_000, p90Ms: 9_000_000 };
    // Beyond ten minutes, so that both histories are of long runs.
    const samples = Array.from({ length: 12 }, (_, place) =>
      samplesOf(`p${place}`, logNormal(9, { seed: place, medianMs: 900_000 * (1 + place), spread: 0.3 })),
    ).flat();
    const longer = samples.map((sample) => ({ ...sample, durationMs: 10 * sample.durationMs }));
    const model = learnDurations(samples, first);
    const model10 = learnDurations(longer, { p50Ms: 10 * first.p50Ms, p90Ms: 10 * first.p90Ms });
    for (const project of ['p0', 'p5', 'p11', 'unseen']) {
      const plain = model.quantiles(aSeries(project), [0.1, 0.5, 0.9]);
      model10.quantiles(aSeries(project), [0.1, 0.5, 0.9]).forEach((ms, place) => {
        // Exact but for the bins of the installation's histogram.
        expect(Math.abs(Math.log(ms / (10 * (plain[place] as number))))).toBeLessThan(0.06);
      });
    }
  });
});
