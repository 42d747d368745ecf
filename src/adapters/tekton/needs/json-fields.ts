/**
 * Reading a PipelineRun without trusting it: whatever JSON it is, a field that is not what it
 * should be reads as absent, and nothing throws.
 */
export type Json = unknown;

export function field(value: Json, key: string): Json {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

export function at(value: Json, ...path: readonly string[]): Json {
  return path.reduce<Json>(field, value);
}

export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function entriesOf(value: Json): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** The entries that are text: labels and annotations are nothing else. */
export function textMap(value: Json): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, text] of entriesOf(value)) if (typeof text === 'string') texts.set(key, text);
  return texts;
}

export function textOr(value: Json, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

const SHOWN_MAX = 60;

/** A value as it may stand in a one-line message. */
export function shown(value: Json): string {
  const text = (typeof value === 'string' ? JSON.stringify(value) : kindOf(value)).replace(
    /[\p{C}\p{Z}]/gu,
    ' ',
  );
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined ? 'absent' : 'a mapping';
}
