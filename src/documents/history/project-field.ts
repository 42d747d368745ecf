/** Which project a row is about, by any of the ways in which exports say it. */
import type { Entry } from './entry.ts';
import { onlyId } from './named-projects.ts';
import type { NotASample } from './sample.ts';

export interface NamedProject {
  readonly project: string;
  readonly projectId: number | null;
}

/** Columns of which one has to be there. */
export const PROJECT_COLUMNS = [
  'project',
  'project_path',
  'path_with_namespace',
  'workflow',
  'web_url',
  'project_id',
];
const NAME_FIELDS = [
  'project.full_path',
  'project.path_with_namespace',
  'project_path',
  'path_with_namespace',
  'project',
  'workflow',
];
const NAME_LENGTH_MAX = 500;

export function projectOf(entry: Entry): NamedProject | NotASample {
  const id = Number(entry.firstText('project_id', 'pipeline.project_id') ?? Number.NaN);
  const projectId = Number.isSafeInteger(id) && id > 0 ? id : null;
  const name =
    entry.firstText(...NAME_FIELDS) ??
    fromUrl(entry.firstText('web_url', 'pipeline.web_url')) ??
    (projectId === null ? null : onlyId(projectId));
  if (name === null)
    return { because: 'malformed', column: '', reason: 'does not say which project it is of' };
  if (name.length <= NAME_LENGTH_MAX) return { project: name, projectId };
  const reason = `is longer than ${NAME_LENGTH_MAX} characters`;
  return { because: 'malformed', column: 'project', reason };
}

/** `https://host/group/project/-/pipelines/7`, also below a relative root, which then counts as a group. */
function fromUrl(url: string | null): string | null {
  const path = url === null ? undefined : /^https?:\/\/[^/]+\/(.+?)\/-\//.exec(url)?.[1];
  return path ?? null;
}
