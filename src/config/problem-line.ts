/**
 * Turns what the schema found into the one line a user reads: where it stands, which key,
 * what is there, and what is allowed.
 *
 *     penstock.yaml:7: pools.runs.size is -3; it must be a whole number from 0 to 1000000.
 */
import type { z } from 'zod';
import { CodedError } from '../core/errors/catalogue.ts';
import { complaint, fieldText, pathOf } from '../documents/problem-text.ts';
import type { Path } from '../documents/yaml/places.ts';
import type { Override } from './overrides.ts';
import type { YamlFile } from './yaml-file.ts';

export interface Origin {
  /** Null when there is no file. */
  readonly file: { readonly label: string; readonly yaml: YamlFile } | null;
  readonly overrides: readonly Override[];
  /** File and overrides together, unchecked. */
  readonly merged: unknown;
}

/** The first problem in the order of the file, and how many more there are. */
export function problemError(issues: readonly z.core.$ZodIssue[], origin: Origin): CodedError {
  const problems = issues.map((issue) => ({ ...issue, path: pathOf(issue) }));
  const line = (path: Path) => origin.file?.yaml.lineOf(path) ?? 0;
  const [first, ...others] = problems.toSorted((a, b) => line(a.path) - line(b.path));
  if (first === undefined) return new CodedError('internal', 'A configuration was refused for no reason.');
  const field = fieldText(first.path);
  const subject = field === '' ? 'the configuration' : field;
  const more = others.length === 0 ? '' : ` (${others.length} more to mend after this one)`;
  const what = complaint(origin.merged, first.path, first.message);
  const message = `${whereOf(first.path, origin)}${subject} ${what}${more}`;
  return new CodedError('config-invalid', message, field === '' ? {} : { field });
}

function whereOf(path: Path, { file, overrides }: Origin): string {
  // A flag comes after a variable and so counts.
  const override = overrides.findLast((one) => one.path.join('\0') === path.join('\0'));
  if (override !== undefined) return `${override.label}: `;
  return file === null ? '' : `${file.label}:${file.yaml.lineOf(path)}: `;
}
