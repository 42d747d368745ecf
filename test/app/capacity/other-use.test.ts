import { describe, expect, test } from 'vitest';
import { type ListedAt, ListedHistory } from '../../../src/app/capacity/listed-history.ts';
import { type MeterState, NEW_METER, otherUseOf } from '../../../src/app/capacity/other-use.ts';
import type { MeteredUse } from '../../../src/ports/capacity.ts';

const T = 1_700_000_000_000;

function use(units: number, changes: Partial<MeteredUse> = {}): MeteredUse {
  const at = { trueFromMs: T, trueToMs: T };
  return { pool: 'runs', units, ...at, countsPending: 'no', signal: 'the gauge', doubt: null, ...changes };
}

function seen(least: number, most = least, held = 0): ListedAt {
  return { atMs: T, least, most, held };
}

function judge(metered: MeteredUse, listed: readonly ListedAt[], before: MeterState = NEW_METER) {
  return otherUseOf(before, { use: metered, listed, listsAll: false });
}

describe('what others use', () => {
  test('is what the gauge shows beyond what was listed then', () => {
    expect(judge(use(12), [seen(10)])).toMatchObject({ otherUse: 2, doubt: null });
    expect(judge(use(9), [seen(9)])).toMatchObject({ otherUse: 0, doubt: null });
  });

  test('counts held runs off where the gauge counts them', () => {
    expect(judge(use(112, { countsPending: 'yes' }), [seen(10, 10, 100)]).otherUse).toBe(2);
    expect(judge(use(112, { countsPending: 'auto' }), [seen(10, 10, 100)]).otherUse).toBe(2);
    expect(judge(use(12, { countsPending: 'auto' }), [seen(10, 10, 100)]).otherUse).toBe(2);
  });

  test('is not hidden by a burst of starts just after the scrape', () => {
    const before = judge(use(10), [seen(0)]);
    const burst = judge(
      use(10, { trueFromMs: T + 15_000, trueToMs: T + 15_000 }),
      [seen(0), seen(10)],
      before.state,
    );
    expect(burst.otherUse).toBe(10);
  });

  test('is no phantom for longer than a scrape when starts are counted before they are listed', () => {
    const before = judge(use(0), [seen(0)]);
    const burst = judge(
      use(10, { trueFromMs: T + 15_000, trueToMs: T + 15_000 }),
      [seen(0), seen(10)],
      before.state,
    );
    expect(burst.otherUse).toBe(0);
  });

  test('stays the same however often one scrape is looked at, and takes the list as it fills', () => {
    const first = judge(use(10), [seen(10)]);
    const again = judge(use(10), [seen(10), seen(7)], first.state);
    expect(first.otherUse).toBe(0);
    expect(again.otherUse).toBe(3);
    expect(judge(use(10), [seen(10), seen(7)], again.state)).toEqual(again);
  });

  test('of a platform: tasks not seen yet may be in the gauge or not', () => {
    const none = judge(use(0), [seen(0, 5)]);
    expect(none).toMatchObject({ otherUse: 0, doubt: null });
    const all = judge(use(5, { trueFromMs: T + 9_000, trueToMs: T + 9_000 }), [seen(2, 5)], none.state);
    expect(all.otherUse).toBe(0);
  });
});

describe('in doubt', () => {
  test('while the meter is', () => {
    expect(judge(use(0, { doubt: 'the gauge shows -3' }), [seen(1)]).doubt).toBe('the gauge shows -3');
  });

  test('until a scrape is younger than the first look', () => {
    expect(judge(use(3), []).doubt).toBe('the gauge shows a time before Penstock looked');
  });

  test('while it is open whether held runs count', () => {
    const { doubt } = judge(use(160, { countsPending: 'auto' }), [seen(10, 10, 100)]);
    expect(doubt).toMatch(
      /^whether the gauge, which shows 160, counts 100 held runs is not known yet; setting countsPending/,
    );
  });

  test('and out of it when held runs come and the gauge follows, or does not', () => {
    const open = judge(use(160, { countsPending: 'auto' }), [seen(10, 10, 100)]);
    const later = { countsPending: 'auto', trueFromMs: T + 30_000, trueToMs: T + 30_000 } as const;
    expect(judge(use(190, later), [seen(10, 10, 130)], open.state)).toMatchObject({
      doubt: null,
      otherUse: 50,
    });
    expect(judge(use(160, later), [seen(10, 10, 130)], open.state)).toMatchObject({
      doubt: null,
      otherUse: 150,
    });
  });
});

describe('the history of what was listed', () => {
  const record = (history: ListedHistory, atMs: number, least: number): void =>
    history.record(atMs, new Map([['a', { least, most: least, held: 0 }]]));

  test('knows what was the case at any moment of a span', () => {
    const history = new ListedHistory();
    for (const [at, least] of [
      [0, 1],
      [1_000, 2],
      [5_000, 3],
    ] as const)
      record(history, T + at, least);
    const during = (from: number, to: number) =>
      history.during('a', T + from, T + to).map(({ least }) => least);
    expect(during(-1, 0)).toEqual([]);
    expect(during(500, 900)).toEqual([1]);
    expect(during(500, 1_000)).toEqual([1, 2]);
    expect(during(2_000, 3_000)).toEqual([2]);
    expect(during(2_000, 9_000)).toEqual([2, 3]);
    expect(history.during('b', T, T)).toEqual([]);
  });

  test('a pool that is no longer listed has nothing listed', () => {
    const history = new ListedHistory();
    record(history, T, 4);
    history.record(T + 1_000, new Map());
    expect(history.during('a', T + 2_000, T + 2_000)).toMatchObject([{ least: 0 }]);
  });

  test('a pool that was never listed is known to have been idle, once it is known itself', () => {
    const history = new ListedHistory();
    history.record(T, new Map(), ['idle']);
    expect(history.during('idle', T + 1, T + 2)).toMatchObject([{ atMs: T, least: 0, most: 0, held: 0 }]);
    expect(history.during('unknown', T + 1, T + 2)).toEqual([]);
  });

  test('is bounded in time and number', () => {
    const history = new ListedHistory();
    for (let i = 0; i < 10_000; i += 1) record(history, T + i * 10, i % 7);
    expect(history.during('a', T + 9_990, T + 1e9)).toEqual([]);
    expect(history.during('a', T + 90_000, T + 1e9).length).toBe(1_000);
    record(history, T + 10 * 3_600_000, 1);
    expect(history.during('a', T + 10 * 3_600_000 - 1, T + 1e9).length).toBe(2);
  });
});
