/** What may be asked "what if" about: a question with something changed, all luck the same. */
import { CodedError } from '../errors/catalogue.ts';
import type { Spread } from '../policy/model.ts';
import { occurrencesFrom } from '../schedule/recurrence.ts';
import type { AssessmentQuestion } from './question.ts';

export type Change =
  | { readonly kind: 'window'; readonly lengthMs: number }
  | { readonly kind: 'spread'; readonly spread: Spread }
  /** Minute of the day, by the policy's clocks. */
  | { readonly kind: 'start'; readonly minute: number }
  | { readonly kind: 'pool'; readonly pool: string; readonly size: number }
  /** The first so many of the projects in scope. */
  | { readonly kind: 'projects'; readonly projects: number }
  | { readonly kind: 'priority'; readonly priority: string }
  | { readonly kind: 'timeout'; readonly timeoutMs: number };

/** @throws CodedError when the change makes no sense */
export function changed(question: AssessmentQuestion, changes: readonly Change[]): AssessmentQuestion {
  return changes.reduce(changedOnce, question);
}

function changedOnce(question: AssessmentQuestion, change: Change): AssessmentQuestion {
  const { policy, rules, targets } = question;
  switch (change.kind) {
    case 'window':
      return { ...question, policy: { ...policy, window: { ...policy.window, lengthMs: change.lengthMs } } };
    case 'spread':
      if (policy.format === 'gitlab' && change.spread !== 'random') {
        throw wrong('spread', 'GitLab spreads launches at random only.');
      }
      return { ...question, policy: { ...policy, window: { ...policy.window, spread: change.spread } } };
    case 'start':
      return startingAt(question, change.minute);
    case 'pool': {
      const { pool: name, size } = change;
      if (!rules.pools.some((pool) => pool.name === name)) {
        throw wrong('pool', `there is no pool "${name}"; give its size with --pool first.`);
      }
      const pools = rules.pools.map((pool) => (pool.name === name ? { ...pool, size } : pool));
      return { ...question, isCapacityKnown: true, rules: { ...rules, pools } };
    }
    case 'projects': {
      const kept = new Set([...new Set(targets.map(({ project }) => project))].slice(0, change.projects));
      return { ...question, targets: targets.filter(({ project }) => kept.has(project)) };
    }
    case 'priority': {
      const known = rules.priorities.map(({ name }) => name);
      if (!known.includes(change.priority)) {
        throw wrong('priority', `there is no priority "${change.priority}"; use one of ${known.join(', ')}.`);
      }
      return { ...question, policy: { ...policy, priority: change.priority } };
    }
    case 'timeout':
      return { ...question, timeoutMs: change.timeoutMs };
  }
}

/** The occurrence of the same date at another time, with the same name and so the same draws. */
function startingAt(question: AssessmentQuestion, minute: number): AssessmentQuestion {
  const { policy, occurrence, nowMs } = question;
  const schedule = { ...policy.schedule, startMinute: minute };
  const dayBeforeMs = occurrence.startsAtMs - 2 * 86_400_000;
  for (const other of occurrencesFrom(schedule, dayBeforeMs)) {
    if (other.day > occurrence.day) break;
    if (other.day < occurrence.day) continue;
    if (other.startsAtMs + policy.window.lengthMs <= nowMs) break;
    return { ...question, policy: { ...policy, schedule }, occurrence: { ...other, key: occurrence.key } };
  }
  throw wrong('start', 'at that time the window of this occurrence is over, or the clocks jump over it.');
}

function wrong(what: string, message: string): CodedError {
  return new CodedError('request-invalid', `what-if ${what}: ${message}`, { field: 'whatIf' });
}
