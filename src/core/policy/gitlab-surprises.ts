/**
 * What GitLab does with a scheduled pipeline execution policy that its author may not expect.
 * The rules are those of its scheduler since 18.10: one delay for each project, drawn when the
 * project's previous run fires, uniform over `min(window, time to the next start)`; all
 * branches of a project start together.
 */
import { dateText } from '../schedule/calendar.ts';
import { firstOccurrences, occurrencesBetween, shortestGapDays } from '../schedule/recurrence.ts';
import type { Policy } from './model.ts';
import { DAY_MS, hours, type Surprise } from './surprise.ts';

export function gitlabSurprises(policy: Policy, nowMs: number): readonly Surprise[] {
  return [...windows(policy), ...saving(policy, nowMs), ...branches(policy), ...scope(policy)];
}

function* windows({ schedule, window }: Policy): Generator<Surprise> {
  const gapMs = shortestGapDays(schedule.recurrence) * DAY_MS;
  const { lengthMs } = window;
  if (lengthMs > gapMs) {
    const message = `is longer than the ${hours(gapMs)} to the next occurrence: GitLab plans a project's next run only when the last one starts, so late launches jump over an occurrence`;
    yield { code: 'occurrences-lost', field: 'windowLength', message };
  } else if (2 * lengthMs > gapMs) {
    const message = `is more than half of the ${hours(gapMs)} between occurrences: GitLab then draws more launches near the start of the window than near its end`;
    yield { code: 'window-front-loaded', field: 'windowLength', message };
  }
}

/** Saving deletes what was drawn and draws anew. */
function* saving({ enabled, schedule, window, snooze }: Policy, nowMs: number): Generator<Surprise> {
  if (!enabled || (snooze !== null && snooze.untilMs > nowMs)) return;
  const [open] = occurrencesBetween(schedule, nowMs - window.lengthMs + 1, nowMs + 1).toReversed();
  if (open !== undefined) {
    const message = `keeps the window of ${dateText(open.day)} open right now: whoever saves the file now drops its launches that are still to come`;
    yield { code: 'edit-drops-launches', field: 'windowLength', message };
  }
  const [next] = firstOccurrences(schedule, nowMs, 1);
  if (next === undefined || next.startsAtMs - nowMs >= window.lengthMs) return;
  const shortMs = next.startsAtMs - nowMs;
  const message = `does not hold the first time if the file is saved now: the next window opens in ${span(shortMs)}, and GitLab squeezes all its launches into ${span(shortMs)}`;
  yield { code: 'first-window-squeezed', field: 'windowLength', message };
}

function span(ms: number): string {
  return ms < 2 * 3_600_000 ? `${Math.max(1, Math.round(ms / 60_000))} min` : hours(ms);
}

function* branches({ branches: names }: Policy): Generator<Surprise> {
  if (names.length > 1) {
    const message = `has ${names.length} names: GitLab starts all branches of a project in the same second`;
    yield { code: 'branches-together', field: 'branches', message };
  }
  const pattern = names.find((name) => /[*?[\]]/.test(name));
  if (pattern === undefined) return;
  const message = `has ${JSON.stringify(pattern)}, and GitLab takes names only: as a pattern it matches no branch`;
  yield { code: 'branch-pattern', field: 'branches', message };
}

function* scope({ scope: rules }: Policy): Generator<Surprise> {
  if (rules.kind !== 'gitlab' || rules.matchMode === 'all') return;
  const { projects, groups, businessImpact, frameworkIds } = rules;
  const excluding = [
    [...projects.excluding, ...projects.excludingTypes],
    groups.excluding,
    businessImpact.excluding,
  ];
  const including = [projects.including, groups.including, businessImpact.including];
  const counted = excluding.filter((list, place) => list.length + (including[place]?.length ?? 0) > 0).length;
  const rulesThatCount = counted + (frameworkIds.length > 0 ? 1 : 0);
  if (rulesThatCount < 2 || excluding.every((list) => list.length === 0)) return;
  const message =
    'excludes something with match_mode "any": a project that is excluded comes back when another rule holds for it';
  yield { code: 'exclusion-undone', field: 'scope', message };
}
