/**
 * The platforms a run declares, in whichever form, as units of pools.
 *
 * A platform counts as often as it stands in one list: a matrix over
 * `[linux/arm64, linux/arm64]` makes two tasks that want a machine each at the same time. Over
 * several lists it is the most, not the sum: the parameter, the annotation and the tasks mostly
 * speak of the same build, and tasks after one another need one machine. What a run uses beyond
 * that counts when its TaskRuns are observed.
 */

import { PLATFORM_PARAM, taskPlatforms } from './embedded-pipeline.ts';
import { at, field, type Json, shown } from './json-fields.ts';
import { type ParamValues, resolved } from './param-references.ts';
import { platformList } from './platform-lists.ts';
import type { PoolNames } from './pool-names.ts';

const KONFLUX_PARAM = 'build-platforms';

export interface Declaration {
  readonly run: Json;
  readonly params: ParamValues;
  readonly adr: { readonly key: string; readonly annotations: Json };
  readonly names: PoolNames;
  readonly faults: string[];
}

export function declaredPlatforms(declaration: Declaration): ReadonlyMap<string, number> {
  const { run, params, adr, faults } = declaration;
  const units = new Map<string, number>();
  const take = (where: () => string, value: Json): void => {
    const list = platformList(value);
    if (list.kind === 'wrong') faults.push(`${where()} ${list.why}`);
    else if (list.names.length > 0) keepMost(units, counted(list.names, declaration.names));
  };
  take(() => `annotation ${adr.key}`, field(adr.annotations, adr.key));
  for (const name of [KONFLUX_PARAM, PLATFORM_PARAM]) take(() => `param ${name}`, ownParam(run, name));
  for (const { task, value } of taskPlatforms(at(run, 'spec', 'pipelineSpec'))) {
    take(() => `param ${PLATFORM_PARAM} of task ${shown(task)}`, resolved(value, params));
  }
  return units;
}

function ownParam(run: Json, name: string): Json {
  const params = at(run, 'spec', 'params');
  if (!Array.isArray(params)) return undefined;
  return field(
    params.findLast((param: Json) => field(param, 'name') === name),
    'value',
  );
}

function counted(platforms: readonly string[], names: PoolNames): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const platform of platforms) {
    if (names.isUnlimited(platform)) continue;
    const pool = names.match(platform);
    counts.set(pool, (counts.get(pool) ?? 0) + 1);
  }
  return counts;
}

function keepMost(units: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [pool, count] of counts) units.set(pool, Math.max(count, units.get(pool) ?? 0));
}
