/** Scores of forecasts whose truth is known, and of what a moment may know. */
import { describe, expect, test } from 'vitest';
import type { DurationSample } from '../../../src/core/duration/model.ts';
import { momentsOf, type ScoringInput, scoreForecasts } from '../../../src/core/replay/forecast-scores.ts';
import { KnownDurations } from '../../../src/core/replay/known-durations.ts';
import type { Spans } from '../../../src/core/replay/past-run.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot } from '../../builders/admission.ts';
import { fixedDurations } from '../forecast/fixed-durations.ts';
import { aHistory, aPastRun, FIRST, S } from './past-runs.ts';

function scoresOf(input: ScoringInput) {
  const steps = scoreForecasts(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('a forecast that says 10, 20 and 30 seconds', () => {
  const snapshot = aSnapshot({
    nowMs: 0,
    pools: [aPool('runs', 1)],
    active: [anActiveRun('x')],
    held: ['a', 'b', 'c'].map((id, place) => aHeldRun(id, { heldSinceMs: place })),
  });
  const moment = { snapshot, model: fixedDurations(() => 10 * S), futures: [[]] };
  const input = {
    momentsMs: [0, 5],
    momentAt: () => moment,
    replications: 20,
    runReplicationsMax: 1e6,
    seed: 1,
  };

  test('is scored once a run: on time, late by 2, early by 5', () => {
    const truth = new Map([
      [snapshot.held[0]?.id, { startMs: 10 * S, endMs: 20 * S }],
      [snapshot.held[1]?.id, { startMs: 22 * S, endMs: 33 * S }],
      [snapshot.held[2]?.id, { startMs: 25 * S, endMs: 35 * S }],
    ]) as Spans;
    expect(scoresOf({ ...input, truth })).toEqual({
      moments: 1,
      starts: { scored: 3, coverageP90: 2 / 3, coverage80: 1 / 3, medianBiasMs: 0, medianErrorMs: 2 * S },
      finishes: { scored: 3, coverageP90: 2 / 3, coverage80: 1 / 3, medianBiasMs: 0, medianErrorMs: 3 * S },
    });
  });

  test('nothing is scored of which nothing came', () => {
    expect(scoresOf({ ...input, truth: new Map() })).toEqual({ moments: 0, starts: null, finishes: null });
  });
});

describe('what was known of durations', () => {
  const sample = (startedS: number, seconds: number): DurationSample => ({
    project: 'shop',
    tenant: 'a',
    contentHash: 'build',
    startedAtMs: startedS * S,
    durationMs: seconds * S,
    outcome: 'succeeded',
  });
  const known = (samples: readonly DurationSample[]) =>
    new KnownDurations({ samples, momentsMs: [100 * S, 200 * S], first: FIRST });
  const series = { project: 'shop', tenant: 'a', contentHash: 'build' };

  test('at each moment only what had ended by then', () => {
    const durations = known([sample(0, 50), sample(10, 60), sample(20, 70), sample(90, 60), sample(150, 90)]);
    const samplesAt = (atMs: number) => durations.at(atMs).evidence(series).ownSamples;
    expect([0, 100 * S, 199 * S].map(samplesAt)).toEqual([3, 3, 3]);
    expect(durations.at(100 * S).evidence(series).pooledSamples).toBe(3);
    expect(durations.at(200 * S).evidence(series).ownSamples).toBe(4);
    const later = known([sample(0, 50), sample(10, 60), sample(150, 90)]);
    expect(later.at(150 * S).estimate(series)).toEqual(
      known([sample(0, 50), sample(10, 60)])
        .at(0)
        .estimate(series),
    );
  });

  test('another future changes no forecast of before', () => {
    const early = Array.from({ length: 12 }, (_, nth) => aPastRun(`e${nth}`, [nth, 10 * nth, 10 * nth + 10]));
    const late = (seconds: number) => aPastRun('late', [190, 190, 190 + seconds]);
    const forecasts = (seconds: number) => {
      const history = aHistory([...early, late(seconds)], { limits: { ...LIMITS, moments: 4 } });
      return scoresOf(
        history.scoring('penstock', 'none', { replications: 20, runReplicationsMax: 1e6, seed: 1 }),
      );
    };
    expect(forecasts(1)).toEqual(forecasts(9));
  });
});

const LIMITS = { moments: 10, steps: 4, named: 10, groups: 10 };

test('moments are spread over the arrivals, each once', () => {
  expect(momentsOf([5, 1, 1, 3], 10)).toEqual([1, 3, 5]);
  expect(
    momentsOf(
      Array.from({ length: 100 }, (_, nth) => nth),
      4,
    ),
  ).toEqual([0, 25, 50, 75]);
});
