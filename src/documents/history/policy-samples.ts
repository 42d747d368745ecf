/** A history as samples of one policy: whatever does not say otherwise is of its present content. */
import type { PolicySample } from '../../core/assessment/question.ts';
import type { HistorySample } from './sample.ts';

export interface SamplesOf {
  readonly contentHash: string;
  readonly nowMs: number;
  readonly tenantOf: (project: string) => string;
  /** The project of a GitLab id, where it is known. */
  readonly nameOfId: (id: number) => string | null;
}

export function policySamples(samples: readonly HistorySample[], of: SamplesOf): readonly PolicySample[] {
  const named = samples.map((sample) => ({ ...sample, project: projectOf(sample, of) }));
  // So far apart that they start in the order in which they end.
  const stepMs = named.reduce((most, { durationMs }) => Math.max(most, durationMs), 0) + 1;
  const fromEnd = placesFromEnd(named.map(({ project }) => project));
  return named.map((sample, place) => ({
    project: sample.project,
    tenant: of.tenantOf(sample.project),
    contentHash: sample.contentHash ?? of.contentHash,
    // Where the file has no times, its histories end together now, in its order.
    startedAtMs: sample.startedAtMs ?? of.nowMs - stepMs * ((fromEnd[place] as number) + 1),
    durationMs: sample.durationMs,
    outcome: sample.outcome,
    cause: sample.cause,
    jobMs: sample.jobMs,
    usage: sample.usage,
    profile: sample.profile,
  }));
}

function projectOf({ project, projectId }: HistorySample, { nameOfId }: SamplesOf): string {
  return (projectId === null ? null : nameOfId(projectId)) ?? project;
}

/** Of each, how many of the same project come after it. */
export function placesFromEnd(projects: readonly string[]): readonly number[] {
  const after = new Map<string, number>();
  const places: number[] = [];
  for (const project of projects.toReversed()) {
    const place = after.get(project) ?? 0;
    places.push(place);
    after.set(project, place + 1);
  }
  return places.reverse();
}
