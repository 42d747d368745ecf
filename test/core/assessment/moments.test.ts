/** When launches may come: Penstock's draws, and GitLab's as its source has them. */
import { describe, expect, test } from 'vitest';
import { momentsOf } from '../../../src/core/assessment/moments.ts';
import { launchesOf } from '../../../src/core/policy/launches.ts';
import { firstOccurrences } from '../../../src/core/schedule/recurrence.ts';
import { aPolicy, aQuestion, HOUR_MS, MINUTE_MS } from './questions.ts';

const DAY_MS = 24 * HOUR_MS;

describe("Penstock's", () => {
  test('with a known identity they are the launches that will happen', () => {
    const question = aQuestion({ identity: 'policy-1' });
    const { policy, occurrence, targets } = question;
    const plan = { identity: 'policy-1', window: policy.window, snooze: null };
    const { atMs } = momentsOf(question, 0);
    for (const launch of launchesOf(occurrence, plan, targets)) {
      expect(atMs[targets.findIndex(({ project }) => project === launch.project)]).toBe(launch.atMs);
    }
  });

  test('without one, each future has its own, and all lie in the window', () => {
    const question = aQuestion();
    const [one, two] = [momentsOf(question, 0), momentsOf(question, 1)];
    expect([...one.atMs]).not.toEqual([...two.atMs]);
    for (const atMs of [...one.atMs, ...two.atMs]) {
      expect(atMs).toBeGreaterThanOrEqual(question.occurrence.startsAtMs);
      expect(atMs).toBeLessThan(question.occurrence.startsAtMs + 2 * HOUR_MS);
    }
  });

  test('what a snooze takes away is counted', () => {
    const { occurrence } = aQuestion();
    const snooze = { untilMs: occurrence.startsAtMs + HOUR_MS, reason: null };
    const { atMs, snoozed } = momentsOf(aQuestion({ policy: aPolicy({ snooze }) }), 0);
    expect([...atMs].filter(Number.isNaN)).toHaveLength(snoozed);
    expect(snoozed).toBeGreaterThan(10);
    expect(snoozed).toBeLessThan(40);
  });
});

describe("GitLab's", () => {
  const gitlab = (more: Parameters<typeof aPolicy>[0]) => aPolicy({ format: 'gitlab', ...more });
  const twoBranches = Array.from({ length: 400 }, (_, place) => ({
    project: `p${Math.floor(place / 2)}`,
    branch: place % 2 === 0 ? 'main' : 'next',
    tenant: 't',
  }));

  test('all branches of a project together, on a full minute, over the whole window', () => {
    const question = aQuestion({
      policy: gitlab({ window: { lengthMs: 3 * HOUR_MS, spread: 'random' } }),
      targets: twoBranches,
    });
    const { atMs } = momentsOf(question, 3);
    for (let place = 0; place < atMs.length; place += 2) {
      expect(atMs[place]).toBe(atMs[place + 1]);
      expect((atMs[place] as number) % MINUTE_MS).toBe(0);
    }
    const offsets = [...atMs].map((ms) => ms - question.occurrence.startsAtMs);
    expect(Math.min(...offsets)).toBeLessThan(10 * MINUTE_MS);
    expect(Math.max(...offsets)).toBeGreaterThan(170 * MINUTE_MS);
    expect(Math.max(...offsets)).toBeLessThanOrEqual(180 * MINUTE_MS);
  });

  // Simulated from GitLab's rule for Monday and Tuesday: 36 h lose a third of Tuesday's, 72 h two thirds.
  test.each([
    [36, 1 / 3],
    [72, 2 / 3],
  ])('a window of %d h on Monday and Tuesday loses Tuesday launches', (hours, share) => {
    const policy = gitlab({
      schedule: {
        timeZone: 'UTC',
        startMinute: 60,
        recurrence: { kind: 'weekly', days: ['Monday', 'Tuesday'] },
        clockChanges: 'skip-and-repeat',
      },
      window: { lengthMs: hours * HOUR_MS, spread: 'random' },
    });
    const occurrences = firstOccurrences(policy.schedule, Date.UTC(2026, 2, 2), 4);
    const tuesday = occurrences.find(({ startsAtMs }) => new Date(startsAtMs).getUTCDay() === 2);
    if (tuesday === undefined) throw new Error('no Tuesday');
    const { lost } = momentsOf(
      aQuestion({ policy, targets: twoBranches, occurrence: tuesday, nowMs: tuesday.startsAtMs - DAY_MS }),
      0,
    );
    // Three standard errors of 200 projects.
    expect(Math.abs(lost / 400 - share)).toBeLessThan(0.11);
  });

  test('a window as long as the day has twice the launches at its start', () => {
    const question = aQuestion({
      policy: gitlab({ window: { lengthMs: DAY_MS, spread: 'random' } }),
      projects: 2_000,
    });
    const { atMs } = momentsOf(question, 0);
    const first = [...atMs].filter((ms) => ms - question.occurrence.startsAtMs < 4 * HOUR_MS).length;
    // Density 2 (1 - u): 1 - (5/6)^2 of them in the first sixth.
    expect(Math.abs(first / 2_000 - 0.306)).toBeLessThan(0.05);
  });
});
