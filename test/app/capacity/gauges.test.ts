/** The acceptance tests for gauges: late, counting held runs, stuck, doubled, negative, absent. */
import { describe, expect, test } from 'vitest';
import { type GaugeWorldSpec, playGauge, type Truth } from './gauge-world.ts';

const countsHeld = ({ started, held, others }: Truth) => started + held + others;
const leavesHeldOut = ({ started, others }: Truth) => started + others;

const base: Omit<GaugeWorldSpec, 'seed' | 'gauge' | 'listsAll'> = {
  cap: 20,
  held: 1_000,
  scrapeSeconds: [30, 60],
  durationSeconds: [20, 60],
  seconds: 4_000,
};

const seeds = [1, 2, 3];

describe.each([
  ['counts held runs', countsHeld],
  ['leaves held runs out', leavesHeldOut],
])('1,000 held, a cap of 20, a gauge 30 to 60 s late that %s', (_, gauge) => {
  describe.each([
    ['all runs listed', true],
    ['others not listed', false],
  ])('%s', (__, listsAll) => {
    test.each([0, 5, 19])('with %i runs of others: all run, never above the cap', async (others) => {
      for (const seed of seeds) {
        const size = others === 19 ? { held: 100, seconds: 6_000 } : { held: 1_000, seconds: 4_000 };
        const world = await playGauge({ ...base, ...size, seed, gauge, listsAll, others: () => others });
        expect({ seed, left: world.left }).toEqual({ seed, left: 0 });
        expect(world.peak).toBeLessThanOrEqual(20);
      }
    });

    test('the cap is used: no phantom use by jitter', async () => {
      const world = await playGauge({ ...base, seed: 7, gauge, listsAll });
      // 1,000 runs of 40 s on 20 slots take 2,000 s.
      expect(world.lastStartSecond).toBeLessThan(2_100);
    });

    test('runs that arrive in bursts, scraped each 15 s', async () => {
      for (const seed of seeds) {
        const world = await playGauge({
          ...base,
          seed,
          gauge,
          listsAll,
          held: 0,
          scrapeSeconds: [15, 15],
          arrivals: (second) => (second % 300 === 10 && second < 1_500 ? 100 : 0),
          others: () => 4,
        });
        expect({ seed, left: world.left }).toEqual({ seed, left: 0 });
        expect(world.peak).toBeLessThanOrEqual(20);
      }
    });
  });
});

describe.each([
  ['counts held runs', countsHeld],
  ['leaves held runs out', leavesHeldOut],
])('a gauge that is refreshed each 30 s, scraped each 15 s, that %s', (_, shows) => {
  /** What it showed when it was refreshed last. */
  function refreshed(): GaugeWorldSpec['gauge'] {
    let last = { second: Number.NEGATIVE_INFINITY, units: 0 };
    let before = last;
    return (truth, second) => {
      if (second - last.second >= 30) {
        before = last;
        last = { second, units: shows(truth) };
      }
      return second - last.second < 15 ? before.units : last.units;
    };
  }

  test.each([
    [2, 5],
    [20, 60],
    [300, 600],
  ] as const)('runs of %i to %i s, others not listed: all run, never above the cap', async (least, most) => {
    for (const others of [0, 5]) {
      const world = await playGauge({
        ...base,
        held: 200,
        scrapeSeconds: [15, 15],
        durationSeconds: [least, most],
        seed: 1,
        gauge: refreshed(),
        lateSeconds: 60,
        listsAll: false,
        others: () => others,
        seconds: 9_000,
      });
      expect({ others, left: world.left }).toEqual({ others, left: 0 });
      expect(world.peak).toBeLessThanOrEqual(20);
    }
  });
});

describe('a gauge at level namespace: a series for each of four, and the total without labels', () => {
  const total = ({ started }: Truth) => started;
  const series = (truth: Truth) => [...Array.from({ length: 4 }, () => truth.started / 4), total(truth)];

  test('its average is below what is listed: in doubt, and never above the cap', async () => {
    const gauge = (truth: Truth) => Math.ceil(series(truth).reduce((sum, one) => sum + one, 0) / 5);
    const world = await playGauge({
      ...base,
      held: 200,
      seed: 1,
      gauge,
      listsAll: false,
      countsPending: 'no',
    });
    expect(world.peak).toBeLessThanOrEqual(20);
    expect([...world.doubts]).toContainEqual(
      expect.stringMatching(/^the gauge shows \d+ for runs while at least/),
    );
  });

  test('its total, which is its maximum, is the right count', async () => {
    const gauge = (truth: Truth) => Math.max(...series(truth));
    const world = await playGauge({
      ...base,
      held: 200,
      seed: 1,
      gauge,
      listsAll: false,
      countsPending: 'no',
    });
    expect(world).toMatchObject({ left: 0, peak: 20 });
    expect([...world.doubts].filter((doubt) => !doubt.includes('before Penstock looked'))).toEqual([]);
  });
});

test('others that leave make room, and the cap holds all the while', async () => {
  for (const gauge of [countsHeld, leavesHeldOut]) {
    for (const seed of seeds) {
      const others = (second: number) => Math.max(0, 18 - Math.floor(second / 50));
      const world = await playGauge({ ...base, seed, gauge, listsAll: false, others });
      expect({ seed, left: world.left }).toEqual({ seed, left: 0 });
      expect(world.peak).toBeLessThanOrEqual(20);
    }
  }
});

test('others that come are seen with the next scrape, and nothing starts on top of them after', async () => {
  for (const seed of seeds) {
    const comesAt = 500;
    const others = (second: number) => (second < comesAt ? 0 : 15);
    const world = await playGauge({
      ...base,
      held: 300,
      seed,
      gauge: leavesHeldOut,
      listsAll: false,
      others,
      seconds: 6_000,
    });
    const seenFrom = comesAt + 60;
    expect(world.left).toBe(0);
    expect(
      Math.max(...world.startPeaks.filter(([second]) => second > seenFrom).map(([, peak]) => peak)),
    ).toBe(20);
    expect(Math.max(...world.startPeaks.filter(([second]) => second < comesAt).map(([, peak]) => peak))).toBe(
      20,
    );
  }
});

describe('a gauge of a platform with 4 machines', () => {
  const platform: GaugeWorldSpec = {
    seed: 1,
    cap: 4,
    held: 60,
    scrapeSeconds: [15, 15],
    durationSeconds: [40, 80],
    countsPending: 'no',
    listsAll: false,
    gauge: leavesHeldOut,
    seconds: 4_000,
  };
  /** As the multi-platform-controller has it: at zero the last value stays. */
  function sticking(): GaugeWorldSpec['gauge'] {
    let last = 0;
    return (truth) => {
      const shown = leavesHeldOut(truth);
      last = shown === 0 ? last : shown;
      return last;
    };
  }
  const broken: readonly [string, GaugeWorldSpec['gauge']][] = [
    ['-3 now and then', (truth, second) => (second % 200 < 100 ? -3 : leavesHeldOut(truth))],
    ['NaN now and then', (truth, second) => (second % 200 < 100 ? Number.NaN : leavesHeldOut(truth))],
    ['sticking at its last value', sticking()],
    [
      'doubled while provisioning',
      (truth, second) => truth.started * (second % 60 < 30 ? 2 : 1) + truth.others,
    ],
  ];

  test.each(broken)('%s: never above the pool', async (_, gauge) => {
    for (const others of [0, 2]) {
      const world = await playGauge({ ...platform, gauge, others: () => others });
      expect(world.peak).toBeLessThanOrEqual(4);
      expect(world.ended).toBeGreaterThan(0);
    }
  });

  test.each(broken)('%s: goes by the list where all is listed, to the end', async (_, gauge) => {
    const world = await playGauge({ ...platform, gauge, listsAll: true, others: () => 2 });
    expect(world.left).toBe(0);
    expect(world.peak).toBeLessThanOrEqual(4);
    expect(world.doubts).toEqual(new Set());
  });

  test('stuck at 1 for good: never above the pool, and to the end where all is listed', async () => {
    const gauge = (truth: Truth, second: number) => (second > 300 ? 1 : leavesHeldOut(truth));
    const partly = await playGauge({ ...platform, gauge });
    expect(partly.peak).toBeLessThanOrEqual(4);
    expect([...partly.doubts]).toContainEqual(expect.stringMatching(/^the gauge shows 1 for runs/));
    const all = await playGauge({ ...platform, gauge, listsAll: true, others: () => 2 });
    expect(all.left).toBe(0);
    expect(all.peak).toBeLessThanOrEqual(4);
  });

  test('below what is listed for certain is in doubt, with gauge and value named', async () => {
    const gauge = (truth: Truth, second: number) => (second > 300 ? 0 : leavesHeldOut(truth));
    const world = await playGauge({ ...platform, cap: 12, gauge });
    expect([...world.doubts]).toContainEqual(
      expect.stringMatching(/^the gauge shows 0 for runs while at least \d+ were seen$/),
    );
  });

  test('stuck is in doubt, and out of it when the gauge moves again', async () => {
    const gauge = (truth: Truth, second: number) => (second > 300 && second < 900 ? 4 : leavesHeldOut(truth));
    const world = await playGauge({ ...platform, gauge, held: 30 });
    expect([...world.doubts]).toContainEqual(
      expect.stringMatching(
        /^the gauge has shown 4 for runs through \d+ scrapes while what was seen changed by \d$/,
      ),
    );
    expect(world.left).toBe(0);
  });

  test('a disagreement with a complete list is told when it lasts, and not before', async () => {
    const lasting = await playGauge({ ...platform, listsAll: true, cap: 20, gauge: () => 0 });
    expect(lasting.checks).toContainEqual(
      expect.objectContaining({ kind: 'disagrees', units: 0, scrapes: 3 }),
    );
    const brief = (truth: Truth, second: number) => (second % 100 < 16 ? 99 : leavesHeldOut(truth));
    const passing = await playGauge({ ...platform, listsAll: true, gauge: brief });
    expect(passing.checks.filter(({ kind }) => kind === 'disagrees')).toEqual([]);
  });
});
