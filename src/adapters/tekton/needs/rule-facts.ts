/**
 * A run as the conditions of rules see it. Params that are neither text nor a list of texts
 * are left out.
 */
import type { RunFacts } from '../../../core/needs/rule.ts';
import { at, type Json, textMap, textOr } from './json-fields.ts';
import type { ParamValues } from './param-references.ts';

/** Bounds what a condition may have to go through. */
const ITEMS_MAX = 1_000;

export function ruleFacts(run: Json, projectLabels: Json, values: ParamValues): RunFacts {
  const params = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  for (const [name, value] of values) {
    if (typeof value === 'string') {
      params.set(name, value);
      lists.set(name, [value]);
    } else if (isTextList(value)) {
      params.set(name, value.join(','));
      lists.set(name, value);
    }
  }
  return {
    project: textOr(at(run, 'metadata', 'namespace'), ''),
    projectLabels: textMap(projectLabels),
    labels: textMap(at(run, 'metadata', 'labels')),
    annotations: textMap(at(run, 'metadata', 'annotations')),
    params,
    lists,
  };
}

function isTextList(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.length <= ITEMS_MAX && value.every((item) => typeof item === 'string');
}
