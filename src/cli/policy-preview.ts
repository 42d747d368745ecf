/** Gathers what `policy show` is about: the policies of a file, the projects, the launches. */

import { scopeCandidateOf } from '../config/scope-candidates.ts';
import { CodedError } from '../core/errors/catalogue.ts';
import {
  identityOf,
  type OccurrencePreview,
  previewOf,
  type ScopePreview,
  scopePreview,
} from '../core/policy/preview.ts';
import type { ScopeCandidate } from '../core/policy/scope.ts';
import type { HashedPolicy, PolicyFile } from '../documents/policy/policy-file.ts';
import { PROJECTS_MAX, readProjectList } from '../documents/project-list.ts';
import { openPolicyFile } from './policy-file.ts';

/** More would be nobody's preview, and minutes of work. */
const LAUNCHES_MAX = 2_000_000;

export interface PreviewOptions {
  readonly occurrences: number;
  readonly projects?: string | undefined;
  readonly policy?: string | undefined;
  readonly config?: string | undefined;
  readonly fromMs: number;
}

export interface FilePreview {
  readonly file: string;
  readonly fromMs: number;
  readonly problems: PolicyFile['problems'];
  readonly policies: readonly PolicyPreview[];
}

export interface PolicyPreview extends HashedPolicy {
  readonly scope: PreviewedScope;
  readonly occurrences: readonly OccurrencePreview[];
}

export type PreviewedScope =
  /** So many were said to be in scope; their names are made up. */
  | { readonly kind: 'assumed'; readonly projects: readonly string[] }
  | ({ readonly kind: 'listed' } & ScopePreview)
  /** Nobody said which projects there are. */
  | { readonly kind: 'none'; readonly projects: readonly [] };

/** @throws CodedError when the file has errors: nobody can rely on what is left of it. */
export async function preview(file: string, options: PreviewOptions): Promise<FilePreview> {
  const read = await openPolicyFile(file, options.fromMs);
  refuseErrors(file, read);
  const chosen = read.policies.filter(({ policy }) => [undefined, policy.name].includes(options.policy));
  if (chosen.length === 0 && options.policy !== undefined) throw unknownPolicy(file, options.policy, read);
  const candidates = await candidatesOf(options);
  const policies = chosen.map((hashed): PolicyPreview => {
    const { policy } = hashed;
    const scope = scopeOf(hashed, candidates);
    refuseTooMany(scope.projects.length * Math.max(1, policy.branches.length) * options.occurrences);
    const { fromMs, occurrences } = options;
    const question = { fromMs, occurrences, projects: scope.projects, identity: identityOf(policy) };
    return { ...hashed, scope, occurrences: previewOf(policy, question) };
  });
  return { file, fromMs: options.fromMs, problems: read.problems, policies };
}

export function refuseErrors(file: string, { problems }: PolicyFile): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const place = first.place === null ? '' : `:${first.place.line}:${first.place.column}`;
  const more =
    errors.length === 1 ? '' : ` (${errors.length - 1} more; see "penstock policy validate ${file}")`;
  const field = first.field === '' ? {} : { field: first.field };
  throw new CodedError('policy-invalid', `${file}${place}: ${first.message}${more}`, field);
}

export function unknownPolicy(file: string, name: string, { policies }: PolicyFile): CodedError {
  const names = policies.slice(0, 10).map(({ policy }) => JSON.stringify(policy.name));
  const message = `${file}: has no policy ${JSON.stringify(name)}; it has ${names.join(', ') || 'none'}.`;
  return new CodedError('policy-unknown', message, { field: 'policy' });
}

function refuseTooMany(launches: number): void {
  if (launches <= LAUNCHES_MAX) return;
  throw new CodedError(
    'usage',
    `that would be ${launches} launches; ${LAUNCHES_MAX} can be shown: ask for fewer --occurrences`,
  );
}

export async function candidatesOf({
  projects,
  config,
}: Pick<PreviewOptions, 'projects' | 'config'>): Promise<number | readonly ScopeCandidate[]> {
  if (projects === undefined) return configured(config);
  if (!/^\d+$/.test(projects)) return readProjectList(projects);
  const count = Number(projects);
  if (count >= 1 && count <= PROJECTS_MAX) return count;
  throw new CodedError('usage', `--projects must be a file, or a number from 1 to ${PROJECTS_MAX}`);
}

async function configured(file: string | undefined): Promise<readonly ScopeCandidate[]> {
  const { loadConfig } = await import('../config/load-config.ts');
  const { projects } = await loadConfig({ file });
  return projects.map(scopeCandidateOf);
}

function scopeOf({ policy }: HashedPolicy, candidates: number | readonly ScopeCandidate[]): PreviewedScope {
  if (typeof candidates === 'number') {
    const digits = String(candidates).length;
    const projects = Array.from(
      { length: candidates },
      (_, place) => `project-${String(place + 1).padStart(digits, '0')}`,
    );
    return { kind: 'assumed', projects };
  }
  if (candidates.length === 0) return { kind: 'none', projects: [] };
  return { kind: 'listed', ...scopePreview(policy, candidates) };
}
