/**
 * The policies of a file that can be registered. Stricter than validation: what is only a
 * warning there, because a file may be checked far from what it names, makes it broken here.
 */
import { CodedError } from '../../core/errors/catalogue.ts';
import type { HashedPolicy, PolicyFile } from './policy-file.ts';
import type { PolicyProblem } from './report.ts';

export interface Registrable {
  /** All of the file, or none. */
  readonly policies: readonly HashedPolicy[];
  /** The first thing wrong with the file; null where nothing is. */
  readonly refusal: CodedError | null;
  /** What is wrong with it, a line each. */
  readonly problems: readonly string[];
}

export function registrable(label: string, { policies, problems }: PolicyFile): Registrable {
  const errors = problems.filter(forbidsRegistration);
  const [first] = errors;
  if (first === undefined) return { policies, refusal: null, problems: [] };
  const lines = errors.map((problem) => lineOf(label, problem));
  const more = errors.length === 1 ? '' : ` (${errors.length - 1} more; see "penstock policy validate")`;
  const field = first.field === '' ? {} : { field: first.field };
  const refusal = new CodedError('policy-invalid', `${lineOf(label, first)}${more}`, field);
  return { policies: [], refusal, problems: lines };
}

/** What would only fail later, when nobody looks. */
export function forbidsRegistration({ severity, code }: PolicyProblem): boolean {
  return severity === 'error' || code === 'include-unreadable' || code === 'content-refused';
}

function lineOf(label: string, { place, message }: PolicyProblem): string {
  return place === null ? `${label}: ${message}` : `${label}:${place.line}:${place.column}: ${message}`;
}
