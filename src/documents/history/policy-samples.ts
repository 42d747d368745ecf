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

const STEP_MS = 1_000;

export function policySamples(samples: readonly HistorySample[], of: SamplesOf): readonly PolicySample[] {
  const named = samples.map((sample) => ({ ...sample, project: projectOf(sample, of) }));
  const starts = startsOf(named, of.nowMs);
  return named.map((sample, place) => ({
    project: sample.project,
    tenant: of.tenantOf(sample.project),
    contentHash: sample.contentHash ?? of.contentHash,
    startedAtMs: starts[place] as number,
    durationMs: sample.durationMs,
    outcome: sample.outcome,
    cause: sample.cause,
    jobMs: sample.jobMs,
    usage: sample.usage,
    profile: sample.profile,
  }));
}

/** Where the file has no times, its histories end together now, in its order. */
export function startsOf(
  samples: readonly Pick<HistorySample, 'project' | 'startedAtMs' | 'durationMs'>[],
  nowMs: number,
): readonly number[] {
  const fromEnd = placesFromEnd(samples.map(({ project }) => project));
  return samples.map(
    ({ startedAtMs, durationMs }, place) =>
      startedAtMs ?? nowMs - STEP_MS * ((fromEnd[place] as number) + 1) - durationMs,
  );
}

function projectOf({ project, projectId }: HistorySample, { nameOfId }: SamplesOf): string {
  return (projectId === null ? null : nameOfId(projectId)) ?? project;
}

/** Of each, how many of the same project come after it. */
function placesFromEnd(projects: readonly string[]): readonly number[] {
  const after = new Map<string, number>();
  const places: number[] = [];
  for (const project of projects.toReversed()) {
    const place = after.get(project) ?? 0;
    places.push(place);
    after.set(project, place + 1);
  }
  return places.reverse();
}
