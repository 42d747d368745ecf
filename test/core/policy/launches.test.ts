/** Where launches lie in the window: inside it, stable, uniform. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LaunchPlan, launchesOf } from '../../../src/core/policy/launches.ts';
import { type LaunchTarget, SPREADS } from '../../../src/core/policy/model.ts';

const START_MS = Date.parse('2026-11-25T02:00:00Z');
const HOUR_MS = 3_600_000;
const occurrence = { key: '2026-11-25', startsAtMs: START_MS };
const random: LaunchPlan = {
  identity: 'penstock:audit',
  window: { lengthMs: 3 * HOUR_MS, spread: 'random' },
  snooze: null,
};

function targets(count: number, branch: string | null = null): readonly LaunchTarget[] {
  return Array.from({ length: count }, (_, index) => ({ project: `group/project-${index}`, branch }));
}

const anyTargets = fc.uniqueArray(
  fc.record({
    project: fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,6})?$/),
    branch: fc.option(fc.stringMatching(/^[a-z]{1,5}$/)),
  }),
  { selector: ({ project, branch }) => JSON.stringify([project, branch]), maxLength: 40 },
);
const anyPlan = fc.record({
  identity: fc.string(),
  window: fc.record({
    lengthMs: fc.integer({ min: 1000, max: 2_678_400_000 }),
    spread: fc.constantFrom(...SPREADS),
  }),
  snooze: fc.constant(null),
});

describe('every spread', () => {
  test('launches each target once, inside the window, in the order of time', () => {
    fc.assert(
      fc.property(anyPlan, anyTargets, (plan, all) => {
        const launches = launchesOf(occurrence, plan, all);
        const names = (list: readonly LaunchTarget[]) =>
          list.map(({ project, branch }) => `${project} ${branch}`).toSorted();
        expect(names(launches)).toEqual(names(all));
        for (const [index, { atMs }] of launches.entries()) {
          expect(Number.isInteger(atMs)).toBe(true);
          expect(atMs).toBeGreaterThanOrEqual(launches[index - 1]?.atMs ?? START_MS);
          expect(atMs).toBeLessThan(START_MS + plan.window.lengthMs);
        }
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('does not depend on the order in which projects were listed', () => {
    fc.assert(
      fc.property(anyPlan, anyTargets, (plan, all) => {
        expect(launchesOf(occurrence, plan, all.toReversed())).toEqual(launchesOf(occurrence, plan, all));
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe('random', () => {
  test('a project that joins or leaves moves nobody else', () => {
    fc.assert(
      fc.property(anyTargets, fc.integer({ min: 0, max: 40 }), (all, cut) => {
        const fewer = launchesOf(occurrence, random, all.slice(cut));
        const more = launchesOf(occurrence, random, all);
        expect(more).toEqual(expect.arrayContaining([...fewer]));
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  test('a later start moves all launches alike; another occurrence, policy or branch draws anew', () => {
    const base = launchesOf(occurrence, random, targets(50));
    const later = launchesOf({ ...occurrence, startsAtMs: START_MS + HOUR_MS }, random, targets(50));
    expect(later.map(({ atMs }) => atMs - HOUR_MS)).toEqual(base.map(({ atMs }) => atMs));
    const moments = (list: ReturnType<typeof launchesOf>) =>
      new Map(list.map(({ project, atMs }) => [project, atMs]));
    const others = [
      launchesOf({ ...occurrence, key: '2026-11-26' }, random, targets(50)),
      launchesOf(occurrence, { ...random, identity: 'penstock:other' }, targets(50)),
      launchesOf(occurrence, random, targets(50, 'main')),
    ];
    for (const other of others) {
      const same = [...moments(base)].filter(([project, atMs]) => moments(other).get(project) === atMs);
      expect(same).toEqual([]);
    }
  });

  /** Chi-square with 59 degrees of freedom: 99.9 % of uniform draws stay below 98.3 (NIST handbook, 1.3.6.7.4). */
  const LIMIT = 98.32;
  const PARTS = 60;

  function chiSquare(fractions: readonly number[]): number {
    const counts = Array.from({ length: PARTS }, () => 0);
    for (const fraction of fractions) {
      const part = Math.floor(fraction * PARTS);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    const expected = fractions.length / PARTS;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  }

  const lengthMs = random.window.lengthMs;
  const fractionsOf = (launches: ReturnType<typeof launchesOf>) =>
    launches.map(({ atMs }) => (atMs - START_MS) / lengthMs);

  test.each(['penstock:audit', 'gitlab:Weeknight audit', 'a', ''])(
    'of policy "%s" is uniform over projects',
    (identity) => {
      expect(
        chiSquare(fractionsOf(launchesOf(occurrence, { ...random, identity }, targets(20_000)))),
      ).toBeLessThan(LIMIT);
    },
  );

  test('is uniform over the occurrences of one project, and over branches', () => {
    const days = Array.from({ length: 6000 }, (_, day) => ({ key: `2026-${day}`, startsAtMs: START_MS }));
    const one = days.flatMap((day) => fractionsOf(launchesOf(day, random, targets(1))));
    expect(chiSquare(one)).toBeLessThan(LIMIT);
    const branches = Array.from({ length: 6000 }, (_, index) => ({
      project: 'p',
      branch: `release/${index}`,
    }));
    expect(chiSquare(fractionsOf(launchesOf(occurrence, random, branches)))).toBeLessThan(LIMIT);
  });

  test('the branches of a project, and one day and the next, are drawn apart', () => {
    const both = Array.from({ length: 4000 }, (_, index) => {
      const project = `p${index}`;
      const moment = (branch: string, key: string) =>
        (launchesOf({ ...occurrence, key }, random, [{ project, branch }])[0]?.atMs ?? 0) - START_MS;
      const [a, b, c] = [moment('main', '1'), moment('next', '1'), moment('main', '2')];
      // Differences on a circle of independent uniform draws are uniform.
      return [(a - b + lengthMs) % lengthMs, (a - c + lengthMs) % lengthMs] as const;
    });
    expect(chiSquare(both.map(([branch]) => branch / lengthMs))).toBeLessThan(LIMIT);
    expect(chiSquare(both.map(([, day]) => day / lengthMs))).toBeLessThan(LIMIT);
  });

  test('the check of uniformity finds a window whose front is fuller', () => {
    const fractions = Array.from({ length: 20_000 }, (_, index) => (index / 20_000) ** 1.1);
    expect(chiSquare(fractions)).toBeGreaterThan(LIMIT);
  });
});

describe('even', () => {
  const even: LaunchPlan = { ...random, window: { ...random.window, spread: 'even' } };

  test('has equal distances, to the millisecond', () => {
    const moments = launchesOf(occurrence, even, targets(7)).map(({ atMs }) => atMs);
    expect(moments).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((place) => START_MS + Math.floor((place * 3 * HOUR_MS) / 7)),
    );
  });

  test('one more project keeps the order of the others, and moves none by more than two places', () => {
    const before = launchesOf(occurrence, even, targets(100));
    const after = launchesOf(occurrence, even, targets(101));
    const order = (list: typeof before) =>
      list.map(({ project }) => project).filter((name) => name !== 'group/project-100');
    expect(order(after)).toEqual(order(before));
    for (const { project, atMs } of before) {
      const moved = Math.abs((after.find((launch) => launch.project === project)?.atMs ?? 0) - atMs);
      expect(moved).toBeLessThanOrEqual((2 * even.window.lengthMs) / 100);
    }
  });
});

describe('paced', () => {
  const paced: LaunchPlan = { ...random, window: { ...random.window, spread: 'paced' } };

  test('all are due when the window opens, too late when it closes, in an order that changes from day to day', () => {
    const launches = launchesOf(occurrence, paced, targets(20));
    expect(new Set(launches.map(({ atMs }) => atMs))).toEqual(new Set([START_MS]));
    expect(new Set(launches.map(({ expiresAtMs }) => expiresAtMs))).toEqual(
      new Set([START_MS + 3 * HOUR_MS]),
    );
    const order = (key: string) =>
      launchesOf({ ...occurrence, key }, paced, targets(20)).map(({ project }) => project);
    expect(order('2026-11-25')).not.toEqual(order('2026-11-26'));
  });

  test('woken inside the window it uses what is left of it', () => {
    const plan = { ...paced, snooze: { untilMs: START_MS + HOUR_MS, reason: null } };
    const launches = launchesOf(occurrence, plan, targets(3));
    expect(launches.map(({ atMs, isSnoozed }) => [atMs - START_MS, isSnoozed])).toEqual([
      [HOUR_MS, false],
      [HOUR_MS, false],
      [HOUR_MS, false],
    ]);
  });
});

test('a snooze that ends inside the window lets only later launches happen', () => {
  const untilMs = START_MS + HOUR_MS;
  const launches = launchesOf(occurrence, { ...random, snooze: { untilMs, reason: null } }, targets(300));
  for (const { atMs, isSnoozed } of launches) expect(isSnoozed).toBe(atMs < untilMs);
  const snoozed = launches.filter(({ isSnoozed }) => isSnoozed).length;
  expect(snoozed).toBeGreaterThan(70);
  expect(snoozed).toBeLessThan(130);
});
