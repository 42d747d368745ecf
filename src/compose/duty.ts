/**
 * Who leads, and what is left to others: by the engine's own lease where it has one, else by a
 * lock in the database that several share, else by the lock on the data folder, which nobody shares.
 */
import type { Duty } from '../app/duty.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import { type Leadership, soleLeadership } from '../ports/leadership.ts';

export interface DutyParts {
  /** Runs of the engine are the same for all who share the store: a cluster's, not a machine's. */
  readonly isEngineShared: boolean;
  readonly isStoreShared: boolean;
  /** By what the right to start runs in the engine is won. */
  readonly stand: () => Leadership;
  /** This process is there to start runs; who only asks takes no part in who starts. */
  readonly stands: boolean;
}

export interface ComposedDuty extends Duty {
  readonly leadership: Leadership;
  /** @throws CodedError not-leading, where a run made here would wait for a process that never looks here */
  readonly checkMakesRuns: () => void;
}

export function composeDuty({ isEngineShared, isStoreShared, stand, stands }: DutyParts): ComposedDuty {
  const leadership = stands ? stand() : soleLeadership;
  const leads = (): boolean => stands && leadership.standing().kind === 'leading';
  const makesRuns = (): boolean => isEngineShared || !isStoreShared || leads();
  const checkMakesRuns = (): void => {
    const standing = leadership.standing();
    if (!stands || makesRuns()) return;
    const leader = standing.kind === 'following' ? standing.leader : null;
    throw new CodedError(
      'not-leading',
      `This Penstock stands by and starts nothing; ${leader === null ? 'nobody leads at the moment' : `${leader} leads`}: ask there.`,
    );
  };
  return {
    leadership,
    isShared: isStoreShared,
    acts: () => !isStoreShared || leads(),
    makesRuns,
    checkMakesRuns,
  };
}
