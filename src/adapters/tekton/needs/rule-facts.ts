/**
 * A run as the conditions of rules see it. Params that are neither text nor a list of texts
 * are left out. Each part is made when a condition first reads it: most read one or two.
 */
import type { RunFacts } from '../../../core/needs/rule.ts';
import { at, type Json, textMap, textOr } from './json-fields.ts';
import type { ParamValues } from './param-references.ts';

/** Bounds what a condition may have to go through. */
const ITEMS_MAX = 1_000;

export function ruleFacts(run: Json, projectLabels: Json, values: () => ParamValues): RunFacts {
  const metadata = at(run, 'metadata');
  const lists = once(() => listsOf(values()));
  const parts = {
    projectLabels: once(() => textMap(projectLabels)),
    labels: once(() => textMap(at(metadata, 'labels'))),
    annotations: once(() => textMap(at(metadata, 'annotations'))),
    lists,
    params: once(() => joined(lists())),
  };
  return {
    project: textOr(at(metadata, 'namespace'), ''),
    get projectLabels() {
      return parts.projectLabels();
    },
    get labels() {
      return parts.labels();
    },
    get annotations() {
      return parts.annotations();
    },
    get params() {
      return parts.params();
    },
    get lists() {
      return parts.lists();
    },
  };
}

function once<Value extends object>(make: () => Value): () => Value {
  let value: Value | null = null;
  return () => {
    value ??= make();
    return value;
  };
}

function listsOf(values: ParamValues): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  for (const [name, value] of values) {
    if (typeof value === 'string') lists.set(name, [value]);
    else if (isTextList(value)) lists.set(name, value);
  }
  return lists;
}

function joined(lists: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, list] of lists) texts.set(name, list.join(','));
  return texts;
}

function isTextList(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.length <= ITEMS_MAX && value.every((item) => typeof item === 'string');
}
