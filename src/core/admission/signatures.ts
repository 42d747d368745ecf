/**
 * Signatures: what runs ask for, each distinct vector of units once, as indexes.
 */
import { assert } from '../assert.ts';
import { type Requests, RUNS_POOL } from '../model/run.ts';

/** The bit of all signatures that have none of their own. */
export const SHARED_COLOR = 1 << 31;
/** So many signatures have a bit of their own. */
const OWN_COLORS = 31;

/** What runs ask for, each distinct vector once. */
export interface Signatures {
  readonly count: number;
  /** A bit for each signature: the most frequent ones have one of their own, all others share the last. */
  readonly color: Int32Array;
  /** Entries offset[s] .. offset[s + 1] - 1 of `pool` and `units` belong to signature s. */
  readonly offset: Int32Array;
  readonly pool: Int32Array;
  readonly units: Float64Array;
  /** Asks for several scarce pools or several units: such runs may be given a grant. */
  readonly wide: Uint8Array;
}

/** Text that is equal exactly when the requests are; the lengths keep apart names that contain `=` and `,`. */
export function requestsKey(requests: Requests): string {
  return Object.keys(requests)
    .sort()
    .map((pool) => `${pool.length}:${pool}=${requests[pool]}`)
    .join(',');
}

/** Gives each distinct request vector an index; requests for pools that do not exist are dropped (only active runs have them). */
export class SignatureBuilder {
  readonly #poolIndex: ReadonlyMap<string, number>;
  readonly #byObject = new Map<Requests, number>();
  readonly #byKey = new Map<string, number>();
  readonly #vectors: (readonly (readonly [number, number])[])[] = [];
  /** How many runs ask for each. */
  readonly #uses: number[] = [];

  constructor(poolIndex: ReadonlyMap<string, number>) {
    this.#poolIndex = poolIndex;
  }

  indexOf(requests: Requests): number {
    const index = this.#byObject.get(requests) ?? this.#indexOfEqual(requests);
    this.#uses[index] = (this.#uses[index] ?? 0) + 1;
    return index;
  }

  #indexOfEqual(requests: Requests): number {
    const key = requestsKey(requests);
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.#vectors.length;
      this.#byKey.set(key, index);
      this.#vectors.push(this.#vector(requests));
    }
    this.#byObject.set(requests, index);
    return index;
  }

  #vector(requests: Requests): (readonly [number, number])[] {
    const vector: (readonly [number, number])[] = [];
    for (const [name, units] of Object.entries(requests)) {
      assert(Number.isInteger(units) && units >= 1, `a run asks for ${units} of ${name}`);
      const pool = this.#poolIndex.get(name);
      if (pool !== undefined) vector.push([pool, units]);
    }
    return vector.sort((a, b) => a[0] - b[0]);
  }

  #colors(): Int32Array {
    const color = new Int32Array(this.#vectors.length).fill(SHARED_COLOR);
    const byUses = this.#uses
      .map((uses, index) => ({ uses, index }))
      .sort((a, b) => b.uses - a.uses || a.index - b.index);
    byUses.slice(0, OWN_COLORS).forEach(({ index }, bit) => {
      color[index] = 1 << bit;
    });
    return color;
  }

  build(): Signatures {
    const runsPool = this.#poolIndex.get(RUNS_POOL) ?? -1;
    const flat = this.#vectors.flat();
    const offset = new Int32Array(this.#vectors.length + 1);
    this.#vectors.forEach((vector, index) => {
      offset[index + 1] = (offset[index] as number) + vector.length;
    });
    return {
      count: this.#vectors.length,
      color: this.#colors(),
      offset,
      pool: Int32Array.from(flat, ([pool]) => pool),
      units: Float64Array.from(flat, ([, units]) => units),
      wide: Uint8Array.from(this.#vectors, (vector) => (isWide(vector, runsPool) ? 1 : 0)),
    };
  }
}

/** The cap on everything is asked for by every run, so one unit of it does not make a run wide. */
function isWide(vector: readonly (readonly [number, number])[], runsPool: number): boolean {
  let scarceUnits = 0;
  for (const [pool, units] of vector) {
    if (pool !== runsPool) scarceUnits += units;
    else if (units > 1) return true;
  }
  return scarceUnits > 1;
}

/** The pool that every signature asks for, or -1. */
export function commonPool(signatures: Signatures, poolIndex: ReadonlyMap<string, number>): number {
  const runsPool = poolIndex.get(RUNS_POOL);
  if (runsPool === undefined) return -1;
  for (let s = 0; s < signatures.count; s += 1) {
    const from = signatures.offset[s] as number;
    const to = signatures.offset[s + 1] as number;
    if (signatures.pool.subarray(from, to).indexOf(runsPool) < 0) return -1;
  }
  return runsPool;
}
