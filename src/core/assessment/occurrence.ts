/** Which occurrence of a policy is assessed. */
import { CodedError } from '../errors/catalogue.ts';
import type { Policy } from '../policy/model.ts';
import { type Occurrence, occurrencesFrom } from '../schedule/recurrence.ts';

/** Looked through for one that is not snoozed away. */
const LOOKED_AT_MAX = 400;

/**
 * The nth one to come, counting from 1, of those that a snooze leaves something of.
 *
 * @throws CodedError where there is none
 */
export function occurrenceToAssess(policy: Policy, nowMs: number, nth: number): Occurrence {
  const { schedule, window, snooze } = policy;
  let [left, lookedAt] = [nth, 0];
  for (const occurrence of occurrencesFrom(schedule, nowMs)) {
    lookedAt += 1;
    const isSnoozed = snooze !== null && occurrence.startsAtMs + window.lengthMs <= snooze.untilMs;
    if (!isSnoozed) left -= 1;
    if (left === 0) return occurrence;
    if (lookedAt >= LOOKED_AT_MAX + nth) break;
  }
  const why = snooze === null ? 'its schedule has no such occurrence' : 'it is snoozed for too long';
  throw new CodedError('assessment-impossible', `${policy.name}: nothing to assess, ${why}.`, {
    field: 'occurrence',
  });
}
