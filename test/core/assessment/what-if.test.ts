/** What if, and what to do: differences that are the change's and not luck's, recommendations that hold. */
import { describe, expect, test } from 'vitest';
import { assess } from '../../../src/core/assessment/assess.ts';
import type { Change } from '../../../src/core/assessment/changes.ts';
import type { AssessmentQuestion } from '../../../src/core/assessment/question.ts';
import { finished } from '../../../src/core/assessment/steps.ts';
import { CodedError } from '../../../src/core/errors/catalogue.ts';
import type { Quantiles } from '../../../src/core/forecast/types.ts';
import { aPolicy, aQuestion, aSample, HOUR_MS, MINUTE_MS } from './questions.ts';

const MEASURED = Array.from({ length: 50 }, (_, place) => [
  aSample(`p${place}`, 6 * MINUTE_MS + 5_000 * place),
  aSample(`p${place}`, 6 * MINUTE_MS + 6_000 * place),
]).flat();

function whatIf(question: AssessmentQuestion, ...changes: readonly Change[]) {
  const [comparison] = finished(assess(question, { scenarios: [{ label: 'it', changes }] })).whatIf;
  if (comparison === undefined) throw new Error('nothing compared');
  return comparison;
}

describe('what if', () => {
  test('what changes nothing differs by nothing, in any future', () => {
    for (const format of ['gitlab', 'penstock'] as const) {
      const question = aQuestion({ policy: aPolicy({ format }), runners: 3 });
      const { label, ...compared } = whatIf(question, { kind: 'window', lengthMs: 2 * HOUR_MS });
      expect(label).toBe('it');
      for (const one of Object.values(compared)) {
        if (one !== null) expect(one.difference).toEqual({ p10: 0, p50: 0, p90: 0 });
      }
    }
  });

  test('more slots: sooner and less waiting in every future, the same work and the same wish', () => {
    const compared = whatIf(aQuestion({ runners: 2 }), { kind: 'pool', pool: 'runs', size: 4 });
    expect(compared.finishAtMs.difference?.p90).toBeLessThan(0);
    expect(compared.waitP90Ms.difference.p90).toBeLessThan(0);
    expect(compared.totalMs.difference).toEqual({ p10: 0, p50: 0, p90: 0 });
    expect(compared.peakWanted.difference).toEqual({ p10: 0, p50: 0, p90: 0 });
  });

  test('the range of a difference is narrower than that of what it is between', () => {
    const compared = whatIf(aQuestion({ runners: 2 }), { kind: 'window', lengthMs: HOUR_MS });
    const width = (band: Quantiles | null): number => (band === null ? Number.NaN : band.p90 - band.p10);
    expect(width(compared.finishAtMs.difference)).toBeLessThan(width(compared.finishAtMs.value) / 4);
  });

  test('an hour later is an hour later; the clock does not move the draws', () => {
    const compared = whatIf(aQuestion({ runners: 4 }), { kind: 'start', minute: 120 });
    expect(compared.finishAtMs.difference).toEqual({ p10: HOUR_MS, p50: HOUR_MS, p90: HOUR_MS });
  });

  test('several at once: fewer projects, a timeout, a spread', () => {
    const compared = whatIf(
      aQuestion({ runners: 4, timeoutMs: HOUR_MS }),
      { kind: 'projects', projects: 10 },
      { kind: 'timeout', timeoutMs: MINUTE_MS },
      { kind: 'spread', spread: 'even' },
    );
    expect(compared.timeouts?.value.p50).toBeGreaterThan(5);
    expect(compared.totalMs.value.p90).toBeLessThanOrEqual(10 * MINUTE_MS);
  });

  test.each<[string, AssessmentQuestion, Change, RegExp]>([
    ['pool', aQuestion(), { kind: 'pool', pool: 'arm', size: 3 }, /there is no pool "arm"/],
    ['priority', aQuestion(), { kind: 'priority', priority: 'urgent' }, /use one of normal/],
    [
      'spread of GitLab',
      aQuestion({ policy: aPolicy({ format: 'gitlab' }) }),
      { kind: 'spread', spread: 'even' },
      /at random only/,
    ],
  ])('an impossible %s is refused', (_, question, change, want) => {
    expect(() => whatIf(question, change)).toThrow(want);
    expect(() => whatIf(question, change)).toThrow(CodedError);
  });
});

describe('so do this', () => {
  const criteria = { maxPeak: 3, finishByMs: null, maxTimeouts: null };

  test('the recommended window keeps the peak, and a shorter one does not', () => {
    const question = aQuestion({ samples: MEASURED, guess: null, criteria });
    const [window] = finished(assess(question)).recommendations;
    expect(window).toMatchObject({ kind: 'window', limit: 3, now: 2 * HOUR_MS, isConclusive: true });
    const peak = (lengthMs: number): number =>
      whatIf(question, { kind: 'window', lengthMs }).peakWanted.value.p90;
    expect(peak(window?.value ?? 0)).toBeLessThanOrEqual(3.5);
    expect(peak((window?.value ?? 0) / 2)).toBeGreaterThan(3);
  });

  test('the recommended capacity finishes in time, and less does not', () => {
    const base = aQuestion({ samples: MEASURED, guess: null, runners: 1 });
    const finishByMs = base.occurrence.startsAtMs + 2.5 * HOUR_MS;
    const question = { ...base, criteria: { maxPeak: null, finishByMs, maxTimeouts: null } };
    const [capacity] = finished(assess(question)).recommendations;
    expect(capacity).toMatchObject({ kind: 'capacity', pool: 'runs', now: 1 });
    const p90 = (size: number): number =>
      whatIf(question, { kind: 'pool', pool: 'runs', size }).finishAtMs.value?.p90 ?? Number.NaN;
    expect(p90(capacity?.value ?? 0)).toBeLessThan(finishByMs + 10 * MINUTE_MS);
    expect(p90((capacity?.value ?? 0) - 1)).toBeGreaterThan(finishByMs - 10 * MINUTE_MS);
  });

  test('what no capacity can do, and what too few samples cannot say', () => {
    const base = aQuestion({ samples: [aSample('p0', 6 * MINUTE_MS)], guess: null, runners: 1 });
    const at = (ms: number) => ({
      ...base,
      criteria: { ...criteria, finishByMs: base.occurrence.startsAtMs + ms },
    });
    const [window, capacity] = finished(assess(at(MINUTE_MS))).recommendations;
    expect(window?.isConclusive).toBe(false);
    expect(capacity).toMatchObject({ kind: 'capacity', value: null, likely: null });
  });
});

test('beside the policy as it was: differences are what the new one has more', () => {
  const old = aQuestion({ runners: 2 });
  const question = { ...old, policy: aPolicy({ window: { lengthMs: 4 * HOUR_MS, spread: 'random' } }) };
  const { against } = finished(assess(question, { against: { label: 'old.yml', question: old } }));
  expect(against?.label).toBe('old.yml');
  expect(against?.peakWanted.difference.p50).toBeLessThan(0);
  expect(against?.totalMs.difference).toEqual({ p10: 0, p50: 0, p90: 0 });
});
