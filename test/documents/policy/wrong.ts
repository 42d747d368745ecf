/** Documents that are right but for one place, and what must be said of it. */
import { Document } from 'yaml';
import { readPolicies } from '../../../src/documents/policy/read-policies.ts';
import type { PolicyProblem } from '../../../src/documents/policy/report.ts';

export type Step = string | number;

/** Put in the place of a value, it takes the key away. */
export const MISSING = Symbol('missing');

/** The path, what is put there, the field the error must name (the path where null), and its message. */
export type WrongCase = readonly [
  path: readonly Step[],
  value: unknown,
  field: string | null,
  message: RegExp,
];

/** Of the library that checks; a user must meet none of them. */
export const LIBRARY_WORDS = /Invalid input|expected |received |Too (big|small)|Unrecognized/;

export const NOW_MS = Date.parse('2026-11-25T08:00:00Z');

/** The document with one value replaced; a copy. */
export function withValue(document: unknown, path: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy = Array.isArray(document) ? [...document] : { ...(document as object) };
  const holder = copy as Record<Step, unknown>;
  if (rest.length === 0 && value === MISSING) delete holder[step];
  else holder[step] = withValue(holder[step], rest, value);
  return copy;
}

export function yamlOf(value: unknown, version: '1.1' | '1.2'): string {
  return new Document(value, { version, aliasDuplicateObjects: false }).toString();
}

export function fieldOf(path: readonly Step[]): string {
  return path
    .map((step, place) => (typeof step === 'number' ? `[${step}]` : `${place === 0 ? '' : '.'}${step}`))
    .join('');
}

export interface Refused {
  readonly errors: readonly PolicyProblem[];
  /** The lines of the text that the errors point at. */
  readonly lines: readonly string[];
  readonly policies: number;
}

export function refused(text: string): Refused {
  const { policies, problems } = readPolicies(text, NOW_MS);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const all = text.split('\n');
  return {
    errors,
    lines: errors.map(({ place }) => all[(place?.line ?? 0) - 1] ?? ''),
    policies: policies.length,
  };
}

/**
 * What the line looks like on which an error must point: the key of the field, or the dash of
 * an item; of something that is missing, those of what it should be in.
 */
export function lineOf(error: PolicyProblem | undefined): RegExp {
  const { field, message } = error ?? { field: '', message: '' };
  const place = message.includes(' is missing; ') ? field.replace(/(\.[^.[]+|\[\d+\])$/, '') : field;
  const key = /([^.[\]]+)$/.exec(place)?.[1];
  return key === undefined ? /^\s*- / : new RegExp(`^[\\s-]*"?${key}"?:`);
}

/** Every key of a document, by its path without the numbers of items: `spec.branches`, `schedules.type`. */
export function keysOf(document: unknown, above = ''): ReadonlySet<string> {
  if (typeof document !== 'object' || document === null) return new Set();
  if (Array.isArray(document)) return new Set(document.flatMap((item) => [...keysOf(item, above)]));
  return new Set(
    Object.entries(document).flatMap(([key, value]) => {
      const path = above === '' ? key : `${above}.${key}`;
      return [path, ...keysOf(value, path)];
    }),
  );
}

/** The keys that no case puts anything wrong in. */
export function neverWrong(document: unknown, cases: readonly WrongCase[]): readonly string[] {
  const wrong = new Set(cases.map(([path, , field]) => (field ?? fieldOf(path)).replaceAll(/\[\d+\]/g, '')));
  return [...keysOf(document)].filter((key) => !wrong.has(key));
}
