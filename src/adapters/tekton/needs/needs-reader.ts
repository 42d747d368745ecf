/**
 * What a PipelineRun needs: pools, units and priority, from all the ways in which people
 * already say it. Which of them wins is a table in docs/guides/what-a-run-needs.md.
 *
 * Always true: reading never throws, whatever the object is; the requests hold one unit of
 * `runs`; whatever is malformed is a fault of this run and of no other. The same object reads
 * the same as long as the reader is the same: make a new one when the known pools change.
 */
import { RUNS_POOL } from '../../../core/model/run.ts';
import type { Needs, NeedsRule } from '../../../core/needs/rule.ts';
import { AnnotatedRequests, KUEUE_PREFIX, OWN_PREFIX } from './annotated-requests.ts';
import { declaredPlatforms } from './declared-platforms.ts';
import { InternedNeeds } from './interned.ts';
import { at, entriesOf, field, type Json } from './json-fields.ts';
import { paramValues } from './param-references.ts';
import { poolNames } from './pool-names.ts';
import { priorityOf } from './priority.ts';
import { ruleFacts } from './rule-facts.ts';
import { applyRules } from './rules.ts';

export interface NeedsReaderSettings {
  /** Names of the pools there are. */
  readonly pools: readonly string[];
  /** Names that ask for nothing unless there is a pool of that name: platforms without a cap. */
  readonly unlimited: readonly string[];
  /** Before the "/" of the ADR's annotation `<prefix>/mpc_platforms`. */
  readonly annotationPrefix: string;
  readonly rules: readonly NeedsRule[];
}

/** `run` is a PipelineRun, whole or projected; `projectLabels` are the labels of its namespace. */
export type NeedsReader = (run: Json, projectLabels: Json) => Needs;

const POOLS_MAX = 200;
const FAULTS_MAX = 10;

export function needsReader(settings: NeedsReaderSettings): NeedsReader {
  const names = poolNames([RUNS_POOL, ...settings.pools], settings.unlimited);
  const interned = new InternedNeeds();
  return (run, projectLabels) => {
    const faults: string[] = [];
    const own = new AnnotatedRequests(OWN_PREFIX);
    const kueue = new AnnotatedRequests(KUEUE_PREFIX);
    const annotations = at(run, 'metadata', 'annotations');
    for (const [key, value] of entriesOf(annotations)) {
      const fault = own.take(key, value, names) ?? kueue.take(key, value, names);
      if (fault !== null) faults.push(fault);
    }
    const params = paramValues(run);
    const adr = { key: `${settings.annotationPrefix}/mpc_platforms`, annotations };
    const platforms = declaredPlatforms({ run, params, adr, names, faults });
    const declared = new Map([...platforms, ...kueue.units, ...own.units]);
    const units = new Map(declared);
    let priority = priorityOf(field(field(run, 'metadata'), 'labels'), faults);
    if (settings.rules.length > 0) {
      const facts = ruleFacts(run, projectLabels, params);
      const added = applyRules({ rules: settings.rules, facts, declared, names, faults });
      for (const [pool, count] of added.units) {
        if (own.units.has(pool) || kueue.units.has(pool)) continue;
        units.set(pool, Math.max(count, units.get(pool) ?? 0));
      }
      priority ??= added.priority;
    }
    units.set(RUNS_POOL, 1);
    if (units.size > POOLS_MAX)
      faults.push(`it asks for ${units.size} pools; at most ${POOLS_MAX} are allowed`);
    return interned.of(units.size > POOLS_MAX ? new Map([[RUNS_POOL, 1]]) : units, priority, bounded(faults));
  };
}

function bounded(faults: readonly string[]): readonly string[] {
  if (faults.length <= FAULTS_MAX) return faults;
  return [...faults.slice(0, FAULTS_MAX - 1), `and ${faults.length - FAULTS_MAX + 1} more faults`];
}
