/**
 * Lists of platforms as people write them: a list, or a text that holds a JSON list, names
 * separated by commas, or one name. (Konflux's `build-platforms` is a list that arrived as a
 * text often enough to break others.)
 *
 * Always true: an accepted list is bounded and each name in it may be a pool's name.
 */

import { type Json, shown } from './json-fields.ts';
import { isPoolName, NAME_ALLOWED } from './pool-names.ts';

export type PlatformList =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  /** What is wrong and what is allowed, to come after the name of the field. */
  | { readonly kind: 'wrong'; readonly why: string };

const PLATFORMS_MAX = 100;
const TEXT_LENGTH_MAX = 20_000;
const NOTHING: PlatformList = { kind: 'names', names: [] };
const ALLOWED = 'it must be a platform, or a list of them such as ["linux/arm64","linux/s390x"]';

/** A value that is absent, an empty text or an empty list asks for no platform. */
export function platformList(value: Json): PlatformList {
  if (value === undefined || value === null) return NOTHING;
  if (typeof value === 'string') return fromText(value.trim());
  return Array.isArray(value) ? fromItems(value) : wrong(`is ${shown(value)}; ${ALLOWED}`);
}

function fromText(text: string): PlatformList {
  if (text === '') return NOTHING;
  if (text.length > TEXT_LENGTH_MAX) return wrong(`is longer than ${TEXT_LENGTH_MAX} characters; ${ALLOWED}`);
  if (!text.startsWith('[') && !text.startsWith('"')) return fromItems(text.split(','));
  const parsed = parse(text);
  if (typeof parsed === 'string') return fromItems([parsed]);
  return Array.isArray(parsed)
    ? fromItems(parsed)
    : wrong(`is ${shown(text)}, which is not JSON; ${ALLOWED}`);
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fromItems(items: readonly Json[]): PlatformList {
  if (items.length > PLATFORMS_MAX) {
    return wrong(`has ${items.length} platforms; at most ${PLATFORMS_MAX} are allowed`);
  }
  const names: string[] = [];
  for (const item of items) {
    if (typeof item !== 'string') return wrong(`has ${shown(item)} in it; each platform must be a text`);
    const name = item.trim();
    if (name === '') return wrong('has an empty platform name in it; leave it out');
    if (!isPoolName(name)) return wrong(`has ${shown(name)} in it; a platform must be ${NAME_ALLOWED}`);
    names.push(name);
  }
  return { kind: 'names', names };
}

function wrong(why: string): PlatformList {
  return { kind: 'wrong', why };
}
