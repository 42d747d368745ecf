/**
 * Requests written as annotations, one for each pool: `requests.penstock.dev/<pool>: "2"` and
 * tekton-kueue's `kueue.konflux-ci.dev/requests-<pool>: "2"`.
 */
import { RUNS_POOL } from '../../../core/model/run.ts';
import { type Json, shown } from './json-fields.ts';
import { isPoolName, NAME_ALLOWED, normalName, type PoolNames } from './pool-names.ts';

export const OWN_PREFIX = 'requests.penstock.dev/';
export const KUEUE_PREFIX = 'kueue.konflux-ci.dev/requests-';
/** As many as a pool may have (the configuration's bound). */
export const UNITS_MAX = 1_000_000;

export class AnnotatedRequests {
  readonly units = new Map<string, number>();
  readonly #keys = new Map<string, string>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes one annotation if it is of this form; returns what is wrong with it, or null. */
  take(key: string, value: Json, names: PoolNames): string | null {
    if (!key.startsWith(this.#prefix)) return null;
    const written = key.slice(this.#prefix.length);
    if (!isPoolName(written)) {
      return `annotation ${shown(key)} names no pool; after ${this.#prefix} must come ${NAME_ALLOWED}`;
    }
    if (names.isUnlimited(written)) return null;
    const pool = names.match(written);
    const units = unitsOf(value);
    if (units === null) {
      return `annotation ${key} is ${shown(value)}; it must be a whole number from 1 to ${UNITS_MAX}`;
    }
    if (pool === RUNS_POOL && units !== 1) {
      return `annotation ${key} is ${shown(value)}; it must be 1, since each run is one run`;
    }
    const twin = this.#keys.get(normalName(pool));
    if (twin !== undefined) return `annotations ${twin} and ${key} name the same pool; leave one of them out`;
    this.#keys.set(normalName(pool), key);
    this.units.set(pool, units);
    return null;
  }
}

function unitsOf(value: Json): number | null {
  if (typeof value !== 'string' || !/^[1-9]\d{0,6}$/.test(value)) return null;
  const units = Number(value);
  return units <= UNITS_MAX ? units : null;
}
