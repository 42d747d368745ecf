/** The forecast of starts alone: the same as the whole forecast, and with runs that are yet to come. */
import { describe, expect, test } from 'vitest';
import { learnDurations } from '../../../src/core/duration/learned-durations.ts';
import { forecastQueue } from '../../../src/core/forecast/forecast.ts';
import { forecastStarts, type StartForecastInput } from '../../../src/core/forecast/start-forecast.ts';
import { aHeldRun, anActiveRun, aPool, aSnapshot, aTenant } from '../../builders/admission.ts';
import { fixedDurations } from './fixed-durations.ts';

function answerOf(input: StartForecastInput) {
  const steps = forecastStarts(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const model = learnDurations([], { p50Ms: 60_000, p90Ms: 300_000 });

describe('with nothing to come', () => {
  const snapshot = aSnapshot({
    nowMs: 50_000,
    pools: [aPool('runs', 2), aPool('arm', 1)],
    tenants: [aTenant('b', { weight: 2 })],
    active: [anActiveRun('x', { sinceMs: 10_000, timeoutMs: 90_000 })],
    held: ['r', 's', 't', 'u', 'v'].map((id, place) =>
      aHeldRun(id, {
        heldSinceMs: 1_000 * place,
        tenant: place % 2 === 0 ? 'a' : 'b',
        project: `p${place % 3}`,
        requests: place === 3 ? { runs: 1, arm: 1 } : { runs: 1 },
        timeoutMs: place === 1 ? 100_000 : null,
      }),
    ),
  });

  test.each([1, 2, 3])('it says what the whole forecast says of each run, seed %i', (seed) => {
    const input = { snapshot, model, replications: 40, seed };
    const whole = forecastQueue(input).runs;
    expect(whole).toHaveLength(6);
    const alone = answerOf({ ...input, futures: [[]] });
    expect(alone).toEqual(
      new Map(whole.map(({ id, startAtMs, finishAtMs }) => [id, { startAtMs, finishAtMs }])),
    );
  });

  test('the same futures in turn change nothing', () => {
    const input = { snapshot, model, replications: 40, seed: 7 };
    expect(answerOf({ ...input, futures: [[], [], []] })).toEqual(answerOf({ ...input, futures: [[]] }));
  });
});

test('a run to come of another tenant goes first in the futures in which it comes, and is not told of', () => {
  const mine = aHeldRun('mine');
  const snapshot = aSnapshot({
    nowMs: 0,
    pools: [aPool('runs', 2)],
    active: [anActiveRun('x', { project: 'short' }), anActiveRun('y', { project: 'long' })],
    held: [mine],
  });
  const model = fixedDurations((project) => (project === 'long' ? 20_000 : 10_000));
  const soon = aHeldRun('~coming', { tenant: 'b', heldSinceMs: 5 });
  const ask = (futures: StartForecastInput['futures']) =>
    answerOf({ snapshot, model, replications: 20, seed: 1, futures });
  expect(ask([[]]).get(mine.id)?.startAtMs).toEqual({ p10: 10_000, p50: 10_000, p90: 10_000 });
  // Its tenant uses nothing when the first slot comes free.
  expect(ask([[soon]]).get(mine.id)?.startAtMs.p50).toBe(20_000);
  expect(ask([[soon], []]).get(mine.id)?.startAtMs).toEqual({ p10: 10_000, p50: 15_000, p90: 20_000 });
  expect([...ask([[soon]]).keys()]).toEqual(['mine', 'x', 'y']);
});
