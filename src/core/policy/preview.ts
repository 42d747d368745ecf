/**
 * What a policy will do, before it does: its next occurrences and, for each, which project
 * and branch is launched when. It asks the very functions that planning asks.
 */
import { firstOccurrences, type Occurrence } from '../schedule/recurrence.ts';
import { type Launch, launchesOf } from './launches.ts';
import { type LaunchTarget, type Policy, targetsOf } from './model.ts';
import { type ScopeCandidate, scopeVerdict } from './scope.ts';

export interface ScopePreview {
  /** Those that are in, and those of which it is not known. */
  readonly projects: readonly string[];
  readonly out: readonly ProjectReason[];
  readonly unknown: readonly ProjectReason[];
}

export interface ProjectReason {
  readonly project: string;
  readonly reason: string;
}

export interface OccurrencePreview extends Occurrence {
  readonly endsAtMs: number;
  readonly launches: readonly Launch[];
}

export function scopePreview(policy: Policy, candidates: readonly ScopeCandidate[]): ScopePreview {
  const projects: string[] = [];
  const out: ProjectReason[] = [];
  const unknown: ProjectReason[] = [];
  for (const candidate of candidates) {
    const { project } = candidate;
    const verdict = scopeVerdict(policy.scope, candidate);
    if (verdict.kind === 'out') out.push({ project, reason: verdict.reason });
    else projects.push(project);
    if (verdict.kind === 'unknown') unknown.push({ project, reason: verdict.reason });
  }
  return { projects, out, unknown };
}

export interface PreviewQuestion {
  readonly fromMs: number;
  readonly occurrences: number;
  readonly projects: readonly string[];
  /** Of the policy: the seed of the draws. */
  readonly identity: string;
}

export function previewOf(policy: Policy, question: PreviewQuestion): readonly OccurrencePreview[] {
  const targets: readonly LaunchTarget[] = targetsOf(policy, question.projects);
  const plan = { identity: question.identity, window: policy.window, snooze: policy.snooze };
  return firstOccurrences(policy.schedule, question.fromMs, question.occurrences).map((occurrence) => ({
    ...occurrence,
    endsAtMs: occurrence.startsAtMs + policy.window.lengthMs,
    launches: launchesOf(occurrence, plan, targets),
  }));
}

/** How many launches that will happen lie in each of equally long parts of the window. */
export function launchesByPart(occurrence: OccurrencePreview, parts: number): readonly number[] {
  const counts = Array.from({ length: parts }, () => 0);
  const lengthMs = occurrence.endsAtMs - occurrence.startsAtMs;
  for (const { atMs, isSnoozed } of occurrence.launches) {
    if (isSnoozed) continue;
    const part = Math.floor(((atMs - occurrence.startsAtMs) / lengthMs) * parts);
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

/**
 * What the draws of a policy start from while no store knows it: its format and its name, which
 * no edit of anything else changes.
 */
export function identityOf({ format, name }: Pick<Policy, 'format' | 'name'>): string {
  return `${format}:${name}`;
}
