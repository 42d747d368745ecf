/**
 * Free units of the pools, and which signatures they leave room for: what admission's ledger
 * knows, without tenants, shares and grants, for a simulation in which nothing holds runs.
 *
 * Always true: `lacking[s]` is 0 exactly when signature s fits in every pool it asks for, one
 * unit of the common pool left aside: that pool changes with every event, so whoever looks for
 * a run asks `isFull` once instead.
 */
import type { Tables } from '../admission/tables.ts';

interface Asker {
  readonly signature: number;
  readonly units: number;
}

export class Rooms {
  readonly #tables: Tables;
  readonly #free: Float64Array;
  /** By pool: who asks for it. */
  readonly #askers: readonly (readonly Asker[])[];
  /** By pool: with as many free units or more it stops nobody. */
  readonly #enough: Float64Array;
  /** By signature: in how many of its pools it does not fit now. */
  readonly lacking: Int32Array;

  constructor(tables: Tables) {
    const { signatures, poolNames } = tables;
    this.#tables = tables;
    this.#free = new Float64Array(poolNames.length);
    this.lacking = new Int32Array(signatures.count);
    const askers: Asker[][] = poolNames.map(() => []);
    for (let signature = 0; signature < signatures.count; signature += 1) {
      for (
        let i = signatures.offset[signature] as number;
        i < (signatures.offset[signature + 1] as number);
        i += 1
      ) {
        const pool = signatures.pool[i] as number;
        const units = signatures.units[i] as number;
        if (pool !== tables.commonPool || units > 1) askers[pool]?.push({ signature, units });
      }
    }
    this.#askers = askers;
    this.#enough = Float64Array.from(askers, (of) =>
      of.reduce((most, { units }) => Math.max(most, units), 0),
    );
  }

  reset(): void {
    const { size, otherUse } = this.#tables;
    this.lacking.fill(0);
    for (let pool = 0; pool < size.length; pool += 1) {
      // From a pool without end, which lacks nobody anything.
      this.#free[pool] = Number.POSITIVE_INFINITY;
      this.#setFree(pool, (size[pool] as number) - (otherUse[pool] as number));
    }
  }

  /** Whether there is nothing left of what every run asks for. */
  isFull(): boolean {
    const { commonPool } = this.#tables;
    return commonPool >= 0 && (this.#free[commonPool] as number) < 1;
  }

  take(signature: number): void {
    const { offset, pool, units } = this.#tables.signatures;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      this.#setFree(pool[i] as number, (this.#free[pool[i] as number] as number) - (units[i] as number));
    }
  }

  give(signature: number): void {
    const { offset, pool, units } = this.#tables.signatures;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      this.#setFree(pool[i] as number, (this.#free[pool[i] as number] as number) + (units[i] as number));
    }
  }

  #setFree(pool: number, free: number): void {
    const before = this.#free[pool] as number;
    this.#free[pool] = free;
    const enough = this.#enough[pool] as number;
    if (before >= enough && free >= enough) return;
    const askers = this.#askers[pool] as readonly Asker[];
    for (let i = 0; i < askers.length; i += 1) {
      const { signature, units } = askers[i] as Asker;
      const lacked = Number(before < units);
      this.lacking[signature] = (this.lacking[signature] as number) + Number(free < units) - lacked;
    }
  }
}
