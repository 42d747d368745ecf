/** What a server sends, checked as far as this folder relies on it. */
import type { RawObject } from '../api.ts';

/** Throws where it is no object of the API. */
export function rawObject(value: unknown): RawObject {
  if (isRecord(value) && isRecord(value.metadata)) {
    const { name, uid, resourceVersion } = value.metadata;
    if (typeof name === 'string' && typeof uid === 'string' && typeof resourceVersion === 'string') {
      return value as RawObject;
    }
  }
  throw new Error('an object came without name, uid and version');
}

/** Of a list or a bookmark: `metadata.resourceVersion`, and the token of the next page. */
export function listMeta(value: unknown): { readonly version: string; readonly next: string } {
  const metadata = isRecord(value) && isRecord(value.metadata) ? value.metadata : {};
  const { resourceVersion, continue: next } = metadata;
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    throw new Error('a list came without version');
  return { version: resourceVersion, next: typeof next === 'string' ? next : '' };
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
