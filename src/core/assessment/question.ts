/**
 * What an assessment is asked: a policy that is not running, for these targets, on this
 * occurrence, with what is known of durations and capacity.
 *
 * Always true: nothing here is looked up; whoever asks has read files, stores and clocks.
 */

import type { DurationSample } from '../duration/model.ts';
import type { RunProfile } from '../model/profile.ts';
import type { Estimate, Usage } from '../model/run.ts';
import type { HeldRun, Pool, Priority, Snapshot, Tenant } from '../model/snapshot.ts';
import type { LaunchTarget, Policy } from '../policy/model.ts';
import type { ProjectReason } from '../policy/preview.ts';
import type { Occurrence } from '../schedule/recurrence.ts';
import type { WeekLoad } from './week-load.ts';

export interface AssessedTarget extends LaunchTarget {
  readonly tenant: string;
}

/** One measured run of the policy's content, or of an older one of it. */
export interface PolicySample extends DurationSample {
  /** Null: imported, and nobody knows. */
  readonly cause: 'launch' | 'test-run' | null;
  /** Summed over its jobs or tasks; null where that is not known. */
  readonly jobMs: number | null;
  readonly usage: Usage | null;
  readonly profile: RunProfile | null;
}

/** What admission goes by. */
export interface AdmissionRules {
  readonly pools: readonly Pool[];
  /** At least one, highest first. */
  readonly priorities: readonly Priority[];
  readonly tenants: readonly Tenant[];
  readonly maxGrants: number;
}

/** Launches of another policy that come in the same time. */
export interface OtherLaunches {
  readonly policy: string;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly runs: readonly HeldRun[];
}

/** What has to hold in nine of ten futures for the verdict "fits"; null is not asked. */
export interface Criteria {
  /** Pipelines that want to run at the same time. */
  readonly maxPeak: number | null;
  readonly finishByMs: number | null;
  /** Share of the launches, 0 to 1. */
  readonly maxTimeouts: number | null;
}

export interface AssessmentQuestion {
  readonly nowMs: number;
  readonly policy: Policy;
  readonly contentHash: string;
  /**
   * Of the policy, when it is known: then each launch's moment is. Null: moments are drawn
   * anew in each future. GitLab draws its own, whatever stands here.
   */
  readonly identity: string | null;
  /** The one that is assessed; its window may not be over. */
  readonly occurrence: Occurrence;
  readonly targets: readonly AssessedTarget[];
  readonly outOfScope: readonly ProjectReason[];
  readonly scopeUnknown: readonly ProjectReason[];
  readonly samples: readonly PolicySample[];
  /** Somebody's guess of what one run takes; null when there is none. */
  readonly guess: Estimate | null;
  /** What one run takes where there is neither guess nor sample. */
  readonly first: Estimate;
  readonly rules: AdmissionRules;
  /** False: nobody said how much capacity there is, so that nothing waits. */
  readonly isCapacityKnown: boolean;
  /** Of one run, from its start; null: none. */
  readonly timeoutMs: number | null;
  /** What waits and runs now; null when nothing is known of it. */
  readonly queue: Pick<Snapshot, 'held' | 'active'> | null;
  readonly others: readonly OtherLaunches[];
  /** What else takes slots in the hours of a week; null: nobody knows. */
  readonly week: WeekLoad | null;
  readonly criteria: Criteria;
  /** >= 1; fewer are simulated where there are very many launches. */
  readonly replications: number;
  readonly seed: number;
}

/** More would take minutes, and nobody would read it differently. */
export const LAUNCHES_MAX = 200_000;
