/**
 * One object for equal results: most of 50,000 runs ask for one of a few dozen things, and
 * classes of runs are compared by their requests.
 */
import type { Requests } from '../../../core/model/run.ts';
import type { Needs } from '../../../core/needs/rule.ts';

/** Beyond this many different ones the table starts anew; only sharing is lost. */
const DIFFERENT_MAX = 20_000;
const NO_FAULTS: readonly string[] = [];

export class InternedNeeds {
  readonly #requests = new Map<string, Requests>();
  readonly #needs = new Map<string, Needs>();

  of(units: ReadonlyMap<string, number>, priority: string | null, faults: readonly string[]): Needs {
    const entries = [...units].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const key = entries.map(([pool, count]) => `${pool}=${count}`).join('&');
    const requests = remember(this.#requests, key, () => Object.freeze(Object.fromEntries(entries)));
    if (faults.length > 0) return { requests, priority, faults };
    const whole = priority === null ? key : `${key}#${priority}`;
    return remember(this.#needs, whole, () => Object.freeze({ requests, priority, faults: NO_FAULTS }));
  }
}

function remember<Value>(table: Map<string, Value>, key: string, make: () => Value): Value {
  const known = table.get(key);
  if (known !== undefined) return known;
  if (table.size >= DIFFERENT_MAX) table.clear();
  const value = make();
  table.set(key, value);
  return value;
}
