/**
 * Turns what the schema found into the one line a user reads: where it stands, which key,
 * what is there, and what is allowed.
 *
 *     penstock.yaml:7: pools.runs.size is -3; it must be a whole number from 0 to 1000000.
 */
import { CodedError } from '../core/errors/catalogue.ts';
import type { Override } from './overrides.ts';
import type { Path, YamlFile } from './yaml-file.ts';

/** What is used of a zod issue. */
export interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

export interface Origin {
  /** Null when there is no file. */
  readonly file: { readonly label: string; readonly yaml: YamlFile } | null;
  readonly overrides: readonly Override[];
  /** File and overrides together, unchecked. */
  readonly merged: unknown;
}

const SHOWN_MAX = 60;

/** The first problem in the order of the file, and how many more there are. */
export function problemError(issues: readonly Issue[], origin: Origin): CodedError {
  const problems = issues.map((issue) => ({ ...issue, path: pathOf(issue) }));
  const line = (path: Path) => origin.file?.yaml.lineOf(path) ?? 0;
  const [first, ...others] = problems.toSorted((a, b) => line(a.path) - line(b.path));
  if (first === undefined) return new CodedError('internal', 'A configuration was refused for no reason.');
  const field = fieldText(first.path);
  const subject = field === '' ? 'the configuration' : field;
  const there = first.message.startsWith('must ') ? `${whatIsThere(origin.merged, first.path)}; it ` : '';
  const more = others.length === 0 ? '' : ` (${others.length} more to mend after this one)`;
  const message = `${whereOf(first.path, origin)}${subject} ${there}${first.message}${ended(first.message)}${more}`;
  return new CodedError('config-invalid', message, field === '' ? {} : { field });
}

/** A key nobody knows is itself the place, not the mapping it stands in. */
function pathOf(issue: Issue): Path {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const [unknownKey] = issue.keys ?? [];
  return unknownKey === undefined ? path : [...path, unknownKey];
}

function whereOf(path: Path, { file, overrides }: Origin): string {
  // A flag comes after a variable and so counts.
  const override = overrides.findLast((one) => one.path.join('\0') === path.join('\0'));
  if (override !== undefined) return `${override.label}: `;
  return file === null ? '' : `${file.label}:${file.yaml.lineOf(path)}: `;
}

/** `pools.linux/arm64.size`, `priorities[1].name`. */
function fieldText(path: Path): string {
  return path
    .map((step, place) =>
      typeof step === 'number' ? `[${step}]` : `${place === 0 ? '' : '.'}${printable(step)}`,
    )
    .join('');
}

function whatIsThere(root: unknown, path: Path): string {
  let value: unknown = root;
  for (const step of path) {
    const holds = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    value = holds ? (value as Readonly<Record<string | number, unknown>>)[step] : undefined;
  }
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty';
  if (Array.isArray(value)) return 'is a list';
  if (typeof value === 'object') return 'is a mapping';
  // JSON has no word for NaN and infinity, which YAML does have.
  return `is ${printable(typeof value === 'number' ? String(value) : JSON.stringify(value))}`;
}

function printable(text: string): string {
  const plain = text.replace(/[\p{C}\p{Z}]/gu, ' ');
  return plain.length > SHOWN_MAX ? `${plain.slice(0, SHOWN_MAX)}...` : plain;
}

function ended(message: string): string {
  return message.endsWith('?') || message.endsWith('.') ? '' : '.';
}
