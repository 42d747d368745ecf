/**
 * Projects that a row of GitLab's exports names by id only get the path that another row has
 * for the same id; where none has, they stay `#42` and are one project of their own.
 */
import type { HistorySample } from './sample.ts';

/** Where a project was renamed, the last path of the order given counts. */
export function withNamedProjects(samples: readonly HistorySample[]): readonly HistorySample[] {
  const paths = new Map<number, string>();
  for (const { projectId, project } of samples) {
    if (projectId !== null && project !== onlyId(projectId)) paths.set(projectId, project);
  }
  return samples.map((sample) => {
    const { projectId, project } = sample;
    if (projectId === null || project !== onlyId(projectId)) return sample;
    return { ...sample, project: paths.get(projectId) ?? project };
  });
}

/** The projects of which only the id is known. */
export function unnamedProjects(samples: readonly HistorySample[]): readonly string[] {
  const unnamed = samples.filter(
    ({ projectId, project }) => projectId !== null && project === onlyId(projectId),
  );
  return [...new Set(unnamed.map(({ project }) => project))];
}

export function onlyId(projectId: number): string {
  return `#${projectId}`;
}
