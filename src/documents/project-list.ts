/**
 * Reads a list of projects that a policy's scope is tried on: names one a line, or what is
 * known of each as YAML or JSON; also the list of projects that GitLab's API prints.
 *
 * Always true: no name leads out of a folder; what the list does not say is null; the first
 * mistake is thrown as a CodedError in one line.
 */
import { extname } from 'node:path';
import { z } from 'zod';
import { CodedError } from '../core/errors/catalogue.ts';
import type { ScopeCandidate } from '../core/policy/scope.ts';
import { complaint, fieldText, pathOf } from './problem-text.ts';
import { isMapping, mapping, name, wholeNumber, yesNo } from './schema-parts.ts';
import { readTextFile } from './text-file.ts';
import { readYaml, TEXT_BYTES_MAX } from './yaml/read-yaml.ts';

export const PROJECTS_MAX = 100_000;
/** GitLab tells some kilobytes of each project. */
const JSON_BYTES_MAX = 256 * TEXT_BYTES_MAX;

const PROJECT = 'must be the path of a project: letters, digits, "_", "-" and ".", with "/" between, no ".."';
const projectName = z
  .string({ error: PROJECT })
  .refine(
    (path) =>
      path.length <= 1000 &&
      path.split('/').every((part) => /^[\p{L}\p{N}_.-]+$/u.test(part) && !/^\.+$/.test(part)),
    { error: PROJECT },
  );
const id = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const ids = z.array(id, { error: 'must be a list of ids' });

const ownProject = mapping({
  name: projectName,
  tenant: name.optional(),
  labels: z.record(z.string(), z.string(), { error: 'must be a mapping from names to texts' }).optional(),
  id: id.optional(),
  groups: ids.optional(),
  frameworks: ids.optional(),
  archived: yesNo.optional(),
  personal: yesNo.optional(),
});

/** What is used of a project as GitLab's API tells of it. */
const gitlabProject = z.looseObject({
  id,
  path_with_namespace: projectName,
  archived: yesNo.optional(),
  namespace: z.looseObject({ id, kind: z.string(), full_path: z.string() }).optional(),
});

/** @throws CodedError */
export async function readProjectList(path: string): Promise<readonly ScopeCandidate[]> {
  const isJson = /^\.(json|jsonl|ndjson)$/.test(extname(path));
  const remedy = 'name a file with projects, or how many there are';
  const text = await readTextFile(path, path, remedy, isJson ? JSON_BYTES_MAX : TEXT_BYTES_MAX);
  return projectsOf(entriesOf(text, path), path);
}

/** The same of a list that came as data. @throws CodedError */
export function projectsOf(entries: unknown, path: string): readonly ScopeCandidate[] {
  if (!Array.isArray(entries)) throw refused(path, 'must be a list of projects.');
  if (entries.length > PROJECTS_MAX) {
    throw refused(path, `lists ${entries.length} projects; ${PROJECTS_MAX} are allowed.`);
  }
  const candidates = entries.map((entry: unknown, place) => candidateOf(entry, path, place));
  const seen = new Set<string>();
  for (const [place, { project }] of candidates.entries()) {
    if (seen.has(project)) throw refused(path, `[${place}] is ${project}, which is there before already.`);
    seen.add(project);
  }
  return candidates;
}

function entriesOf(text: string, path: string): unknown {
  switch (extname(path)) {
    case '.txt':
      return lines(text);
    case '.json':
      return parsedJson(text, path);
    case '.jsonl':
    case '.ndjson':
      return lines(text).map((line) => parsedJson(line, path));
    default: {
      const { documents, mistakes } = readYaml(text);
      const [mistake] = mistakes;
      if (mistake === undefined) return documents[0]?.value ?? [];
      const place = mistake.place === null ? '' : `${mistake.place.line}:${mistake.place.column}: `;
      throw refused(path, `${place}${mistake.message}.`);
    }
  }
}

function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function parsedJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(path, `is not JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : ''}.`);
  }
}

function candidateOf(entry: unknown, path: string, place: number): ScopeCandidate {
  if (typeof entry === 'string')
    return { ...NOTHING_KNOWN, project: checked(projectName, entry, path, place) };
  if (isMapping(entry) && Object.hasOwn(entry, 'path_with_namespace')) {
    return fromGitlab(checked(gitlabProject, entry, path, place));
  }
  const known = checked(ownProject, entry, path, place);
  return {
    project: known.name,
    tenant: known.tenant ?? null,
    labels: known.labels ?? null,
    gitlab: {
      id: known.id ?? null,
      groupIds: known.groups ?? null,
      frameworkIds: known.frameworks ?? null,
      isArchived: known.archived ?? null,
      isPersonal: known.personal ?? null,
    },
  };
}

const NOTHING_KNOWN = {
  tenant: null,
  labels: null,
  gitlab: { id: null, groupIds: null, frameworkIds: null, isArchived: null, isPersonal: null },
} as const;

/** The groups above its own are not told, and frameworks only by name: both stay unknown. */
function fromGitlab(project: z.output<typeof gitlabProject>): ScopeCandidate {
  const { id: projectId, path_with_namespace: path, archived, namespace } = project;
  const isPersonal = namespace === undefined ? null : namespace.kind === 'user';
  const isTopLevel = namespace !== undefined && !namespace.full_path.includes('/');
  return {
    project: path,
    tenant: namespace?.full_path ?? null,
    labels: null,
    gitlab: {
      id: projectId,
      groupIds: isPersonal === true ? [] : isTopLevel ? [namespace.id] : null,
      frameworkIds: null,
      isArchived: archived ?? null,
      isPersonal,
    },
  };
}

function checked<Output>(schema: z.ZodType<Output>, entry: unknown, path: string, place: number): Output {
  const result = schema.safeParse(entry);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const inEntry = issue === undefined ? [] : pathOf(issue);
  const message = complaint(entry, inEntry, issue?.message ?? 'is wrong');
  throw refused(path, `${fieldText([place, ...inEntry])} ${message}`);
}

function refused(path: string, message: string): CodedError {
  return new CodedError('request-invalid', `${path}: ${message}`, { field: 'projects' });
}
