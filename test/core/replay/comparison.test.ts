/** A small history, replayed by hand. */
import { describe, expect, test } from 'vitest';
import { jainIndex } from '../../../src/core/replay/fairness.ts';
import { scoreForecasts } from '../../../src/core/replay/forecast-scores.ts';
import { aPool } from '../../builders/admission.ts';
import { aHistory, aPastRun, S } from './past-runs.ts';

/**
 * One slot, but the other system ran two at once from 50 to 90, and let the slot stand
 * idle from 100 to 150. Penstock: r1 0 to 100, r2 100 to 140 (it waited longer), r3 140 to 150.
 */
const story = [
  aPastRun('r1', [0, 0, 100]),
  aPastRun('r2', [10, 50, 90], { tenant: 'b' }),
  aPastRun('r3', [20, 150, 160]),
];

describe('a history of three runs behind one slot', () => {
  const history = aHistory(story);
  const comparison = history.comparison();

  test('when Penstock would have started each', () => {
    expect(history.compared.map(({ run, penstockStartMs }) => [run.id, penstockStartMs])).toEqual([
      ['r1', 0],
      ['r2', 100 * S],
      ['r3', 140 * S],
    ]);
  });

  test('waits, in all and by tenant', () => {
    const { all, tenants, pools } = comparison.waits;
    expect(all).toEqual({
      name: '',
      runs: 3,
      real: { meanMs: (170 / 3) * S, medianMs: 40 * S, p90Ms: 112 * S, longestMs: 130 * S },
      penstock: { meanMs: 70 * S, medianMs: 90 * S, p90Ms: 114 * S, longestMs: 120 * S },
    });
    expect(
      tenants.map(({ name, runs, real, penstock }) => [name, runs, real.longestMs, penstock.longestMs]),
    ).toEqual([
      ['a', 2, 130 * S, 120 * S],
      ['b', 1, 40 * S, 90 * S],
    ]);
    expect(pools.map(({ name }) => name)).toEqual(['runs']);
  });

  test('use of the pool: peak, time over the size, idle time while somebody waited, and its line', () => {
    expect(comparison.busy).toEqual({ fromMs: 0, toMs: 160 * S });
    expect(comparison.pools).toEqual([
      {
        name: 'runs',
        size: 1,
        real: {
          peak: 2,
          overMs: 40 * S,
          meanShare: 0.9375,
          idleWhileWaitingMs: 50 * S,
          line: [1, 1.75, 0.75, 0.25],
        },
        penstock: { peak: 1, overMs: 0, meanShare: 0.9375, idleWhileWaitingMs: 0, line: [1, 1, 1, 0.75] },
      },
    ]);
  });

  test('who would have started sooner and who later, named', () => {
    const { sooner, later, same } = comparison.changes;
    expect(sooner).toMatchObject({ runs: 1, totalMs: 10 * S, largest: [{ id: 'r3', soonerMs: 10 * S }] });
    expect(later).toMatchObject({ runs: 1, totalMs: 50 * S, largest: [{ id: 'r2', soonerMs: -50 * S }] });
    expect(same).toBe(1);
    expect(comparison.allDoneAtMs).toEqual({ real: 160 * S, penstock: 150 * S });
  });

  test('fairness: slowdowns of a are 1 and 14 really, of b 2; 1 and 13, and 3.25 with Penstock', () => {
    expect(comparison.fairness).toEqual({
      tenants: 2,
      real: jainIndex([7.5, 2]),
      penstock: jainIndex([7, 3.25]),
    });
    expect(jainIndex([5, 5, 5])).toBe(1);
    expect(jainIndex([1, 0, 0, 0])).toBe(0.25);
  });

  test('forecasts are scored once a run, against both schedules apart', () => {
    const score = (truth: 'penstock' | 'real') => {
      const steps = scoreForecasts(
        history.scoring(truth, 'none', { replications: 50, runReplicationsMax: 1e6, seed: 1 }),
      );
      for (;;) {
        const step = steps.next();
        if (step.done === true) return step.value;
      }
    };
    expect(score('penstock')).toMatchObject({ moments: 2, starts: { scored: 2 }, finishes: { scored: 2 } });
    // In reality r2 is seen waiting at 10, r3 at 20.
    expect(score('real')).toMatchObject({ moments: 2, starts: { scored: 2 }, finishes: { scored: 2 } });
  });
});

test('what if there were two slots: nobody but r3 waits, and that for r2', () => {
  const history = aHistory(story);
  const wider = aHistory(story, {
    rules: {
      pools: [aPool('runs', 2)],
      priorities: [{ name: 'normal', patienceMs: null }],
      tenants: [],
      maxGrants: 2,
    },
  });
  expect(wider.compared.map((one) => one.penstockWaitMs)).toEqual([0, 0, 30 * S]);
  expect(wider.comparison().pools[0]).toMatchObject({ size: 2, real: { peak: 2, overMs: 0 } });
  expect(history.comparison().pools[0]?.size).toBe(1);
});

describe('what the window cuts', () => {
  const cut = [
    aPastRun('before', [0, 0, 50]),
    aPastRun('runs', [0, 90, 120]),
    aPastRun('waits', [60, 130, 140]),
    aPastRun('after', [300, 300, 310]),
    aPastRun('cancelled', [110, null, 120], { outcome: 'cancelled' }),
    aPastRun('refused', [110, null, 111], { outcome: 'failed' }),
  ];
  const history = aHistory(cut, { window: { fromMs: 100 * S, toMs: 200 * S } });

  test('what ran goes on as it did, what waited has waited, and the rest is left out and counted', () => {
    expect(history.compared.map((one) => [one.run.id, one.penstockStartMs, one.penstockWaitMs])).toEqual([
      ['waits', 120 * S, 60 * S],
    ]);
    expect(history.comparison()).toMatchObject({
      runs: 2,
      leftOut: { cancelledWaiting: 1, failedUnstarted: 1 },
      changes: { sooner: { runs: 1 } },
    });
  });
});

describe('runs that timed out', () => {
  const usual = [1, 2, 3, 4].map((n) => aPastRun(`usual-${n}`, [-100 * n, -100 * n, -100 * n + 20]));
  const hour = { outcome: 'timed-out', timeoutMs: 60 * S } as const;
  const others = [
    aPastRun('alone', [0, 0, 60], { ...hour, contentHash: 'slow' }),
    // Two at once on one slot: nobody knows how long either would have taken alone.
    aPastRun('crowded-1', [70, 70, 130], hour),
    aPastRun('crowded-2', [70, 70, 130], hour),
    aPastRun('unstarted', [80, null, 140], hour),
  ];
  const earlier = usual.map((run) => ({
    ...run,
    startedAtMs: run.startedAtMs ?? 0,
    durationMs: 20 * S,
  }));
  const history = aHistory(others, { earlier });

  test('one that ran alone would time out again; of the others the usual length says', () => {
    expect(history.comparison().timeouts).toEqual({
      real: 4,
      neverStarted: 1,
      crowded: 2,
      wouldNotHave: 3,
      first: ['unstarted', 'crowded-1', 'crowded-2'],
    });
  });

  test('in the replay they take their usual time, one after the other', () => {
    const [, first, second] = history.compared;
    expect(first?.penstockStartMs).toBe(70 * S);
    const waitedMs = second?.penstockWaitMs ?? 0;
    expect(waitedMs).toBeGreaterThan(15 * S);
    expect(waitedMs).toBeLessThan(40 * S);
  });
});

test('a run that asks for more than there is never starts, and says why', () => {
  const wide = aPastRun('wide', [5, 5, 9], { requests: { runs: 3 } });
  const comparison = aHistory([...story, wide]).comparison();
  expect(comparison.neverStart).toEqual({
    runs: 1,
    first: [{ id: 'wide', reason: { kind: 'never-fits', pool: 'runs', asked: 3, size: 1 } }],
  });
  expect(comparison.waits.all?.runs).toBe(3);
});

test('an empty history compares nothing and says so', () => {
  expect(aHistory([]).comparison()).toMatchObject({
    runs: 0,
    waits: { all: null, tenants: [] },
    fairness: null,
    allDoneAtMs: null,
    changes: { same: 0 },
  });
});
