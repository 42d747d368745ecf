/** Which launches a policy has: projects in scope, each on each of its branches. */
import { CodedError } from '../errors/catalogue.ts';
import type { Policy } from '../policy/model.ts';
import { type ScopePreview, scopePreview } from '../policy/preview.ts';
import type { ScopeCandidate } from '../policy/scope.ts';
import { type AssessedTarget, LAUNCHES_MAX } from './question.ts';

export interface AssessedScope extends ScopePreview {
  /** The projects' names are made up. */
  readonly isAssumed: boolean;
  readonly candidates: ReadonlyMap<string, ScopeCandidate>;
}

/** Of a mere number of projects, those that were seen are the first, the others have made-up names. */
export function scopeToAssess(
  policy: Policy,
  candidates: number | readonly ScopeCandidate[],
  seen: readonly string[],
): AssessedScope {
  if (typeof candidates !== 'number') {
    const known = new Map(candidates.map((candidate) => [candidate.project, candidate]));
    return { ...scopePreview(policy, candidates), isAssumed: false, candidates: known };
  }
  const first = [...new Set(seen)].slice(0, candidates);
  const digits = String(candidates).length;
  const projects = Array.from(
    { length: candidates },
    (_, place) => first[place] ?? `project-${String(place + 1).padStart(digits, '0')}`,
  );
  return { projects, out: [], unknown: [], isAssumed: true, candidates: new Map() };
}

/** The same scope for another policy: of made-up projects nobody knows which it leaves out. */
export function scopeOfOther(policy: Policy, scope: AssessedScope): AssessedScope {
  return scope.isAssumed ? scope : { ...scope, ...scopePreview(policy, [...scope.candidates.values()]) };
}

/** @throws CodedError where they are more than can be assessed */
export function targetsToAssess(policy: Policy, scope: AssessedScope): readonly AssessedTarget[] {
  const branches = policy.branches.length === 0 ? [null] : policy.branches;
  const count = scope.projects.length * branches.length;
  if (count > LAUNCHES_MAX) {
    const message = `that would be ${count} launches; ${LAUNCHES_MAX} can be assessed at once: give fewer projects or branches.`;
    throw new CodedError('assessment-impossible', message, { field: 'projects' });
  }
  return scope.projects.flatMap((project) =>
    branches.map((branch) => ({ project, branch, tenant: tenantIn(scope, project) })),
  );
}

/** Where it is not known, the group above the project. */
export function tenantIn({ candidates, isAssumed }: AssessedScope, project: string): string {
  if (isAssumed) return 'all';
  const known = candidates.get(project)?.tenant ?? null;
  return known ?? (project.includes('/') ? project.slice(0, project.lastIndexOf('/')) : project);
}

/** So many branches of each project: as the policy names them, made-up ones beyond. */
export function withBranches(policy: Policy, count: number | null): Policy {
  if (count === null) return policy;
  const branches = Array.from(
    { length: count },
    (_, place) => policy.branches[place] ?? `branch-${place + 1}`,
  );
  return { ...policy, branches };
}
