/**
 * A run as the conditions of rules see it. Params that are neither text nor a list of texts
 * are left out. Each part is made when a condition first reads it: most read one or two.
 */
import type { RunFacts } from '../../../core/needs/rule.ts';
import { field, type Json, textMap, textOr } from './json-fields.ts';
import type { ParamValues } from './param-references.ts';

/** Bounds what a condition may have to go through. */
const ITEMS_MAX = 1_000;

export class LazyFacts implements RunFacts {
  readonly project: string;
  readonly #metadata: Json;
  readonly #projectLabels: Json;
  readonly #values: () => ParamValues;
  #made: {
    projectLabels?: ReadonlyMap<string, string>;
    labels?: ReadonlyMap<string, string>;
    annotations?: ReadonlyMap<string, string>;
    params?: ReadonlyMap<string, string>;
    lists?: ReadonlyMap<string, readonly string[]>;
  } = {};

  constructor(run: Json, projectLabels: Json, values: () => ParamValues) {
    this.#metadata = field(run, 'metadata');
    this.project = textOr(field(this.#metadata, 'namespace'), '');
    this.#projectLabels = projectLabels;
    this.#values = values;
  }

  get projectLabels(): ReadonlyMap<string, string> {
    this.#made.projectLabels ??= textMap(this.#projectLabels);
    return this.#made.projectLabels;
  }

  get labels(): ReadonlyMap<string, string> {
    this.#made.labels ??= textMap(field(this.#metadata, 'labels'));
    return this.#made.labels;
  }

  get annotations(): ReadonlyMap<string, string> {
    this.#made.annotations ??= textMap(field(this.#metadata, 'annotations'));
    return this.#made.annotations;
  }

  get params(): ReadonlyMap<string, string> {
    this.#made.params ??= joined(this.lists);
    return this.#made.params;
  }

  get lists(): ReadonlyMap<string, readonly string[]> {
    this.#made.lists ??= listsOf(this.#values());
    return this.#made.lists;
  }
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
