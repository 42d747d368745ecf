/** Configured projects as the scopes of policies see them: nothing is known of them in GitLab. */
import type { ScopeCandidate } from '../core/policy/scope.ts';
import type { ProjectConfig } from './config.ts';

const GITLAB = { id: null, groupIds: null, frameworkIds: null, isArchived: null, isPersonal: null };

export function scopeCandidateOf({ name, tenant, labels }: ProjectConfig): ScopeCandidate {
  return { project: name, tenant, labels, gitlab: GITLAB };
}
