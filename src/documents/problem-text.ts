/**
 * How messages name a field and show what stands in it: one line, printable, bounded.
 */
import type { Path } from './yaml/places.ts';

const SHOWN_MAX = 60;

/** Of a zod issue. */
export function pathOf(issue: { readonly path: readonly PropertyKey[] }): Path {
  return issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
}

/** `pools.linux/arm64.size`, `priorities[1].name`. */
export function fieldText(path: Path): string {
  return path
    .map((step, place) =>
      typeof step === 'number' ? `[${step}]` : `${place === 0 ? '' : '.'}${printable(step)}`,
    )
    .join('');
}

/** What the schema found wrong, with what stands there: "is -3; it must be a whole number." */
export function complaint(root: unknown, path: Path, message: string): string {
  const there = message.startsWith('must ') ? `${whatIsThere(root, path)}; it ` : '';
  return `${there}${message}${message.endsWith('?') || message.endsWith('.') ? '' : '.'}`;
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

export function printable(text: string): string {
  const plain = text.replace(/[\p{C}\p{Z}]/gu, ' ');
  return plain.length > SHOWN_MAX ? `${plain.slice(0, SHOWN_MAX)}...` : plain;
}
