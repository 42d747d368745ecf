/**
 * As many starts of a decision as can be sent in time; the others stay held and are decided
 * upon again once there is room.
 *
 * Always true: what remains is the beginning of the decision, so each start that remains was
 * decided with exactly those before it. A grant of a run that is left out stands on, and no
 * grant is given by a decision that was cut: it would rest on starts that are not made.
 */
import type { Decision } from '../../core/model/decision.ts';
import type { Grant } from '../../core/model/snapshot.ts';

export interface CutDecision {
  readonly decision: Decision;
  readonly leftOut: number;
}

/**
 * @param stood the grants that the decision was made from
 * @param room how many starts there is room for, 0 or more
 */
export function cutStarts(decision: Decision, stood: readonly Grant[], room: number): CutDecision {
  const leftOut = Math.max(0, decision.starts.length - room);
  if (leftOut === 0) return { decision, leftOut };
  const waiting = new Set(decision.starts.slice(room));
  const after = new Map(decision.grants.map((grant) => [grant.runId, grant]));
  const grants = stood.flatMap((grant) => {
    const standing = waiting.has(grant.runId) ? grant : after.get(grant.runId);
    return standing === undefined ? [] : [standing];
  });
  return { decision: { ...decision, starts: decision.starts.slice(0, room), grants }, leftOut };
}
