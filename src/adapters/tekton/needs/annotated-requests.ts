/**
 * Requests written as annotations, one for each pool: `requests.penstock.dev/<pool>: "2"` and
 * tekton-kueue's `kueue.konflux-ci.dev/requests-<pool>: "2"`.
 */
import { RUNS_POOL } from '../../../core/model/run.ts';
import {
  isPoolName,
  NAME_ALLOWED,
  normalName,
  type PoolNames,
  UNITS_MAX,
} from '../../../core/needs/pool-names.ts';
import { field, type Json, keysOf, shown } from './json-fields.ts';

const OWN_PREFIX = 'requests.penstock.dev/';
const KUEUE_PREFIX = 'kueue.konflux-ci.dev/requests-';

export interface AnnotatedRequests {
  readonly own: ReadonlyMap<string, number>;
  readonly kueue: ReadonlyMap<string, number>;
}

const NONE: ReadonlyMap<string, number> = new Map();

export function annotatedRequests(annotations: Json, names: PoolNames, faults: string[]): AnnotatedRequests {
  let own: Form | null = null;
  let kueue: Form | null = null;
  for (const key of keysOf(annotations)) {
    if (key.startsWith(OWN_PREFIX)) {
      own ??= new Form(OWN_PREFIX, names, faults);
      own.take(key, field(annotations, key));
    } else if (key.startsWith(KUEUE_PREFIX)) {
      kueue ??= new Form(KUEUE_PREFIX, names, faults);
      kueue.take(key, field(annotations, key));
    }
  }
  return { own: own?.units ?? NONE, kueue: kueue?.units ?? NONE };
}

/** The annotations of one prefix. */
class Form {
  readonly units = new Map<string, number>();
  /** Which annotation named a pool, by its normal name. */
  readonly #keys = new Map<string, string>();
  readonly #prefix: string;
  readonly #names: PoolNames;
  readonly #faults: string[];

  constructor(prefix: string, names: PoolNames, faults: string[]) {
    this.#prefix = prefix;
    this.#names = names;
    this.#faults = faults;
  }

  take(key: string, value: Json): void {
    const written = key.slice(this.#prefix.length);
    if (!isPoolName(written)) {
      this.#faults.push(
        `annotation ${shown(key)} names no pool; after ${this.#prefix} must come ${NAME_ALLOWED}`,
      );
    } else if (!this.#names.isUnlimited(written)) this.#ask(this.#names.match(written), key, value);
  }

  #ask(pool: string, key: string, value: Json): void {
    const units = unitsOf(value);
    const twin = this.#keys.get(normalName(pool));
    if (units === null) {
      this.#faults.push(
        `annotation ${key} is ${shown(value)}; it must be a whole number from 1 to ${UNITS_MAX}`,
      );
    } else if (pool === RUNS_POOL && units !== 1) {
      this.#faults.push(`annotation ${key} is ${shown(value)}; it must be 1, since each run is one run`);
    } else if (twin !== undefined) {
      this.#faults.push(`annotations ${twin} and ${key} name the same pool; leave one of them out`);
    } else {
      this.#keys.set(normalName(pool), key);
      this.units.set(pool, units);
    }
  }
}

function unitsOf(value: Json): number | null {
  if (typeof value !== 'string' || !/^[1-9]\d{0,6}$/.test(value)) return null;
  const units = Number(value);
  return units <= UNITS_MAX ? units : null;
}
