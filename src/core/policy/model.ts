/**
 * A policy as data: one model for GitLab's `policy.yml` and for Penstock's own
 * `PipelineExecutionPolicy`, so that planning, preview, hashes and assessment are written once.
 *
 * Always true: it comes from a reader that found no error, every default is filled in, lists
 * that are sets are sorted and free of doubles, instants and lengths are milliseconds. What a format does
 * not have is null or empty, never missing.
 */
import type { Requests } from '../model/run.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { GitlabScope, SelectorScope } from './scope.ts';

export type PolicyFormat = 'gitlab' | 'penstock';

export interface Policy {
  readonly format: PolicyFormat;
  readonly name: string;
  /** What people are shown; the name where nothing else is given. */
  readonly displayName: string;
  readonly description: string;
  /** A policy that is not enabled has no occurrences; it can still be test-run. */
  readonly enabled: boolean;
  readonly content: PolicyContent;
  readonly schedule: Schedule;
  readonly window: LaunchWindow;
  /** Exact names; empty means the default branch of each project. */
  readonly branches: readonly string[];
  readonly snooze: Snooze | null;
  readonly scope: GitlabScope | SelectorScope;
  /** Of one run, from its start; null leaves it to the content. */
  readonly timeoutMs: number | null;
  readonly requests: Requests;
  /** Null: the lowest there is. */
  readonly priority: string | null;
  readonly catchUp: CatchUp;
  readonly variables: VariablesOverride | null;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

/** What is executed. */
export type PolicyContent =
  /** A GitLab CI file of another project; only the GitLab engine can run it. */
  | {
      readonly kind: 'gitlab-include';
      readonly project: string;
      readonly file: string;
      readonly ref: string | null;
    }
  /** A Pipeline in a file, its path relative to the policy's file. */
  | { readonly kind: 'pipeline-file'; readonly path: string; readonly params: Params }
  /** A Pipeline that the engine knows by name. */
  | { readonly kind: 'pipeline-reference'; readonly name: string; readonly params: Params }
  /** The `spec` of a Pipeline, as it stands in the policy. */
  | { readonly kind: 'pipeline-inline'; readonly spec: Json; readonly params: Params };

export type Params = Readonly<Record<string, string>>;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * How the launches of an occurrence lie in its window: each at a moment of its own drawn at
 * random, at equal distances, or all at once for admission to pace.
 */
export const SPREADS = ['random', 'even', 'paced'] as const;
export type Spread = (typeof SPREADS)[number];

export interface LaunchWindow {
  readonly lengthMs: number;
  readonly spread: Spread;
}

/** Launches before `untilMs` do not happen; they are not made up for. */
export interface Snooze {
  readonly untilMs: number;
  readonly reason: string | null;
}

/** What happens to a launch whose moment passed while nobody was there to launch it. */
export type CatchUp =
  | { readonly mode: 'skip' }
  /** It is launched late, up to this long after its moment. */
  | { readonly mode: 'run-late'; readonly limitMs: number };

/** GitLab's rule for variables of the project in the policy's jobs. */
export interface VariablesOverride {
  readonly allowed: boolean;
  readonly exceptions: readonly string[];
  readonly dotenv: 'respect_policy' | 'allow_override' | null;
}

export interface LaunchTarget {
  readonly project: string;
  /** Null: the default branch. */
  readonly branch: string | null;
}

/** One target for each project and branch, in that order. */
export function targetsOf(policy: Policy, projects: readonly string[]): readonly LaunchTarget[] {
  const branches = policy.branches.length === 0 ? [null] : policy.branches;
  return projects.flatMap((project) => branches.map((branch) => ({ project, branch })));
}

/** GitLab lets only the first few enabled policies of a file act, in the order of the file. */
export const GITLAB_ACTIVE_MAX = 5;

/** Whether it acts at all: it is enabled, and in a GitLab file among the first few that are. */
export function isActive(policy: Policy, sameFile: readonly Policy[]): boolean {
  if (!policy.enabled || policy.format === 'penstock') return policy.enabled;
  return sameFile.filter(({ enabled }) => enabled).indexOf(policy) < GITLAB_ACTIVE_MAX;
}
