/**
 * References of an embedded pipeline to the run's parameters: `$(params.x)`, `$(params.x[*])`,
 * `$(params.x[0])`, `$(params["x"])`. Only what the run itself settles is resolved; a result of
 * a task is known when the run is under way and not before.
 * See https://tekton.dev/docs/pipelines/variables/.
 */
import { at, field, type Json, listOf } from './json-fields.ts';

const REFERENCE = /\$\(params(?:\.([\w.-]+?)|\[["']([^"'\]]{1,250})["']\])(?:\[(\*|\d{1,4})\])?\)/g;
/** Longer texts name no platform. */
const TEXT_LENGTH_MAX = 20_000;

export type ParamValues = ReadonlyMap<string, Json>;

/** The run's own params over the defaults of its embedded pipeline. */
export function paramValues(run: Json): ParamValues {
  const values = new Map<string, Json>();
  for (const param of listOf(at(run, 'spec', 'pipelineSpec', 'params'))) put(values, param, 'default');
  for (const param of listOf(at(run, 'spec', 'params'))) put(values, param, 'value');
  return values;
}

function put(values: Map<string, Json>, param: Json, key: 'default' | 'value'): void {
  const name = field(param, 'name');
  const value = field(param, key);
  if (typeof name === 'string' && value !== undefined) values.set(name, value);
}

/** The value with its references resolved; undefined when the run does not settle it. */
export function resolved(value: Json, params: ParamValues): Json {
  if (typeof value === 'string') return resolvedText(value, params);
  if (!Array.isArray(value)) return value;
  return value.flatMap((item: Json) => resolved(item, params) ?? []);
}

function resolvedText(text: string, params: ParamValues): Json {
  if (!text.includes('$(') || text.length > TEXT_LENGTH_MAX) return text;
  const [whole] = text.matchAll(REFERENCE);
  if (whole?.[0] === text) return referenced(whole, params);
  let known = true;
  const result = text.replaceAll(REFERENCE, (...match: readonly string[]) => {
    const value = referenced(match, params);
    known &&= typeof value === 'string';
    return typeof value === 'string' ? value : '';
  });
  return known && !result.includes('$(') ? result : undefined;
}

function referenced(match: ArrayLike<string | undefined>, params: ParamValues): Json {
  const value = params.get(match[1] ?? match[2] ?? '');
  const place = match[3];
  if (place === undefined || place === '*') return value;
  return Array.isArray(value) ? (value as readonly Json[])[Number(place)] : undefined;
}
