/** The preview of a policy file as one JSON document: instants in milliseconds, launches cut to what was asked. */
import { launchesByPart } from '../core/policy/preview.ts';
import type { FilePreview, PolicyPreview } from './policy-preview.ts';

export const PARTS = 12;

export function previewDocument({ file, fromMs, problems, policies }: FilePreview, launches: number): object {
  return { file, fromMs, policies: policies.map((policy) => policyDocument(policy, launches)), problems };
}

function policyDocument(preview: PolicyPreview, launches: number): object {
  const { policy, scope, occurrences } = preview;
  return {
    ...policy,
    active: preview.isActive,
    contentHash: preview.contentHash,
    configHash: preview.configHash,
    contentKnown: preview.isContentKnown,
    inScope: scope.projects.length,
    ...(scope.kind === 'listed' ? { outOfScope: scope.out, scopeUnknown: scope.unknown } : {}),
    occurrences: occurrences.map((occurrence) => ({
      ...occurrence,
      launchCount: occurrence.launches.length,
      snoozedCount: occurrence.launches.filter(({ isSnoozed }) => isSnoozed).length,
      launchesByPart: launchesByPart(occurrence, PARTS),
      launches: occurrence.launches
        .slice(0, launches)
        .map(({ isSnoozed, ...launch }) => ({ ...launch, snoozed: isSnoozed })),
    })),
  };
}
