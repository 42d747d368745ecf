/** Runs that hang: they go on until their timeout, though runs of their pipeline take far less. */
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import type { DurationModel, DurationSample, Series } from '../../../src/core/duration/model.ts';
import { randomStream } from '../../../src/core/random/random.ts';
import { aSeries, FIRST, logNormal, samplerOf, samplesOf } from './history.ts';

const HOUR_MS = 3_600_000;

/** Twenty pipelines of a minute, fifty runs each; each nth run of all hits its timeout of an hour. */
function installation(nth: number): readonly DurationSample[] {
  return Array.from({ length: 20 }, (_, place) =>
    samplesOf(`p${place}`, logNormal(50, { seed: place, medianMs: 60_000, spread: 0.2 })).map(
      (sample, run) =>
        (50 * place + run) % nth === nth - 1
          ? { ...sample, durationMs: HOUR_MS, outcome: 'timed-out' as const }
          : sample,
    ),
  ).flat();
}

/** The share of runs that take more than so long. */
function shareAbove(model: DurationModel, series: Series, limitMs: number, elapsedMs = 0): number {
  let above = 0;
  for (let replication = 0; replication < 20_000; replication += 1) {
    const random = randomStream(5, 'hangs', replication);
    if (samplerOf(model, series, random).draw(random, elapsedMs) > limitMs) above += 1;
  }
  return above / 20_000;
}

describe('one run in fifty hits its timeout', () => {
  const model = learnDurations(installation(50), FIRST);

  test('so about one in fifty is expected to, also of a pipeline that never did', () => {
    expect(shareAbove(model, aSeries('p3'), HOUR_MS)).toBeGreaterThan(0.01);
    expect(shareAbove(model, aSeries('p3'), HOUR_MS)).toBeLessThan(0.03);
    const calm = installation(50).map((sample) =>
      sample.project === 'p3' ? { ...sample, durationMs: 60_000, outcome: 'succeeded' as const } : sample,
    );
    const expected = shareAbove(learnDurations(calm, FIRST), aSeries('p3'), HOUR_MS);
    expect(expected).toBeGreaterThan(0.004);
    expect(expected).toBeLessThan(0.02);
  });

  test('the others are expected to take what they take', () => {
    const { p50Ms, p90Ms } = model.estimate(aSeries('p3'));
    expect(p50Ms).toBeGreaterThan(55_000);
    expect(p50Ms).toBeLessThan(66_000);
    expect(p90Ms).toBeLessThan(100_000);
  });

  test('one that takes ten times as long as usual already hangs', () => {
    expect(shareAbove(model, aSeries('p3'), HOUR_MS, 600_000)).toBeGreaterThan(0.95);
  });
});

test('where none ever hit its timeout, none is expected to', () => {
  expect(shareAbove(learnDurations(installation(100_000), FIRST), aSeries('p3'), HOUR_MS)).toBe(0);
});

test('a pipeline that always hits its timeout does not hang: it is as long as that', () => {
  const samples = samplesOf('long', Array<number>(20).fill(HOUR_MS), 'timed-out');
  const { p50Ms } = learnDurations([...installation(50), ...samples], FIRST).estimate(aSeries('long'));
  expect(p50Ms).toBeGreaterThan(HOUR_MS);
  expect(p50Ms).toBeLessThan(3 * HOUR_MS);
});

describe('the first run of a pipeline hit its timeout', () => {
  const alone: Series = { project: 'new', tenant: 'b', contentHash: 'new' };
  const run = (startedAtMs: number, durationMs: number): DurationSample => ({
    ...alone,
    startedAtMs,
    durationMs,
    outcome: durationMs === HOUR_MS ? 'timed-out' : 'succeeded',
  });
  const knowing = (later: readonly DurationSample[]): DurationModel =>
    learnDurations([...installation(100_000), run(0, HOUR_MS), ...later], FIRST);
  const ofAnHour = (model: DurationModel): number => shareAbove(model, alone, 0.9 * HOUR_MS);

  test('it may have hung or be as long as that: both are expected', () => {
    expect(ofAnHour(knowing([]))).toBeGreaterThan(0.1);
    expect(ofAnHour(knowing([]))).toBeLessThan(0.5);
  });

  test('the second took a minute: the first had hung, and one like it is hardly expected', () => {
    const model = knowing([run(HOUR_MS, 60_000)]);
    expect(model.evidence(alone).ownSamples).toBe(1);
    expect(ofAnHour(model)).toBeLessThan(0.02);
  });

  test('the second did so too: it is as long as that', () => {
    expect(ofAnHour(knowing([run(HOUR_MS, HOUR_MS)]))).toBeGreaterThan(0.6);
  });
});
