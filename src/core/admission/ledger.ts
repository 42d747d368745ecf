/**
 * What is in use: free units of each pool, use and share of each tenant, and which
 * signatures have room at this moment.
 *
 * Always true: `lacking[s]` is 0 exactly when, in every pool signature s asks for, the units
 * free beyond `reserved` cover what it asks for, one unit of the common pool left aside: that
 * pool changes with every event, so whoever selects looks at it once instead. `openColors`
 * has the bit of every signature with room.
 */
import { SHARED_COLOR } from './signatures.ts';
import type { Tables } from './tables.ts';

/** A pool as it is now. Whole numbers all of them. */
interface PoolState {
  readonly index: number;
  free: number;
  /** Units kept for grants that are due: others see only what is free beyond them. */
  reserved: number;
  /** With as many free units or more it stops nobody. */
  tight: number;
  readonly askers: readonly Asker[];
  readonly askedMost: number;
}

/** A signature that asks for a pool, and how much. */
interface Asker {
  readonly signature: number;
  readonly units: number;
}

interface Part {
  readonly pool: PoolState;
  readonly units: number;
}

/** What a signature asks for: of the common pool, and of others. Most ask for one of those, so the first is at hand. */
interface Demand extends Part {
  readonly commonUnits: number;
  readonly rest: readonly Part[];
}

export class Ledger {
  readonly #tables: Tables;
  readonly pools: number;
  readonly #color: Int32Array;
  readonly #poolStates: readonly PoolState[];
  readonly #demands: readonly Demand[];
  /** size * weight by tenant * pools + pool; Infinity for a pool of size 0: who asks for it never starts. */
  readonly whole: Float64Array;
  /** By tenant * pools + pool. */
  readonly use: Float64Array;
  /** By tenant: its share of the pool that every run asks for; no class of it has less. */
  readonly commonShare: Float64Array;
  /** All tenants, those that use nothing of the common pool first; and each one's place there. */
  readonly byUse: Int32Array;
  readonly #place: Int32Array;
  idleCount = 0;
  readonly #commonPool: number;
  readonly #common: PoolState;
  openColors = 0;
  /** By signature: in how many of its pools it does not fit now. */
  readonly lacking: Int32Array;
  /** Signatures with room among those that share the last colour. */
  #openShared = 0;

  constructor(tables: Tables) {
    const { signatures } = tables;
    this.#tables = tables;
    this.pools = tables.poolNames.length;
    this.#color = signatures.color;
    this.#poolStates = poolStates(tables);
    this.#demands = demandsOf(tables, this.#poolStates);
    const cells = tables.tenantNames.length * this.pools;
    this.use = new Float64Array(cells);
    this.commonShare = new Float64Array(tables.tenantNames.length);
    this.byUse = new Int32Array(tables.tenantNames.length);
    this.#place = new Int32Array(tables.tenantNames.length);
    this.#commonPool = tables.commonPool;
    this.#common = this.#poolStates[tables.commonPool] ?? UNLIMITED;
    this.whole = Float64Array.from(this.use, (_, at) => {
      const size = tables.size[at % this.pools] as number;
      const weight = tables.weight[Math.floor(at / this.pools)] as number;
      return size === 0 ? Number.POSITIVE_INFINITY : size * weight;
    });
    this.lacking = new Int32Array(signatures.count);
    this.reset();
  }

  /** Nothing runs but what others use. */
  reset(): void {
    const { size, otherUse } = this.#tables;
    this.use.fill(0);
    this.commonShare.fill(0);
    for (let tenant = 0; tenant < this.byUse.length; tenant += 1) {
      this.byUse[tenant] = tenant;
      this.#place[tenant] = tenant;
    }
    // Without a pool that all ask for nobody can be told to have no share.
    this.idleCount = this.#commonPool < 0 ? 0 : this.byUse.length;
    this.lacking.fill(0);
    this.openColors = this.#color.reduce((all, color) => all | color, 0);
    this.#openShared = this.#color.reduce((count, color) => count + (color === SHARED_COLOR ? 1 : 0), 0);
    for (const pool of this.#poolStates) {
      pool.free = whole((size[pool.index] as number) - (otherUse[pool.index] as number));
      pool.reserved = 0;
      pool.tight = pool.askedMost;
      for (const { signature, units } of pool.askers) if (units > pool.free) this.#lack(signature);
    }
  }

  /** A run of the tenant takes what its signature asks for. */
  occupy(tenant: number, signature: number): void {
    const { pool, units, rest, commonUnits } = this.#demands[signature] as Demand;
    if (units > 0) this.#take(tenant, pool, units);
    for (let i = 0; i < rest.length; i += 1) {
      const part = rest[i] as Part;
      this.#take(tenant, part.pool, part.units);
    }
    if (commonUnits > 0) {
      this.#setFree(this.#common, this.#common.free - commonUnits);
      if (this.#useCommon(tenant, commonUnits) === commonUnits) {
        this.idleCount -= 1;
        this.#swap(tenant, this.idleCount);
      }
    }
  }

  /** It gives back what it took. */
  release(tenant: number, signature: number): void {
    const { pool, units, rest, commonUnits } = this.#demands[signature] as Demand;
    if (units > 0) this.#take(tenant, pool, -units);
    for (let i = 0; i < rest.length; i += 1) {
      const part = rest[i] as Part;
      this.#take(tenant, part.pool, -part.units);
    }
    if (commonUnits > 0) {
      this.#setFree(this.#common, this.#common.free + commonUnits);
      if (this.#useCommon(tenant, -commonUnits) === 0) {
        this.#swap(tenant, this.idleCount);
        this.idleCount += 1;
      }
    }
  }

  #take(tenant: number, pool: PoolState, units: number): void {
    const cell = tenant * this.pools + pool.index;
    this.use[cell] = (this.use[cell] as number) + units;
    this.#setFree(pool, pool.free - units);
  }

  #setFree(pool: PoolState, free: number): void {
    const before = pool.free;
    pool.free = free;
    if (before < pool.tight || free < pool.tight)
      this.#cross(pool, before - pool.reserved, free - pool.reserved);
  }

  /** The tenant uses so much more of the common pool; returns how much in all. */
  #useCommon(tenant: number, units: number): number {
    const cell = tenant * this.pools + this.#commonPool;
    const used = (this.use[cell] as number) + units;
    this.use[cell] = used;
    this.commonShare[tenant] = used / (this.whole[cell] as number);
    return used;
  }

  reserve(index: number, units: number): void {
    const pool = this.#poolStates[index] as PoolState;
    const before = pool.reserved;
    if (before === units) return;
    const reserved = whole(units);
    pool.reserved = reserved;
    pool.tight = reserved + pool.askedMost;
    this.#cross(pool, pool.free - before, pool.free - reserved);
  }

  /** Units of the pool that are free, grants not considered. */
  freeOf(pool: number): number {
    return (this.#poolStates[pool] as PoolState).free;
  }

  /** The same of all pools. */
  copyFree(into: Float64Array): void {
    for (let pool = 0; pool < this.pools; pool += 1) into[pool] = this.freeOf(pool);
  }

  /** Whether the vector fits what is free, grants not considered. */
  fits(signature: number): boolean {
    const { pool, units, rest, commonUnits } = this.#demands[signature] as Demand;
    if (this.#common.free < commonUnits || pool.free < units) return false;
    return rest.every((part) => part.pool.free >= part.units);
  }

  /** Whether the tenant's caps leave room for the vector. */
  underCaps(tenant: number, signature: number): boolean {
    if (this.#tables.tenantCapped[tenant] === 0) return true;
    const { offset, pool, units } = this.#tables.signatures;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      if (this.capRoom(tenant, pool[i] as number) < (units[i] as number)) return false;
    }
    return true;
  }

  /** Units left under the tenant's cap of a pool; Infinity without one. */
  capRoom(tenant: number, pool: number): number {
    const at = tenant * this.pools + pool;
    return (this.#tables.cap[at] as number) - (this.use[at] as number);
  }

  /** Whether there is nothing left of what every run asks for. */
  isFull(): boolean {
    return this.#common.free < 1;
  }

  /** Whether all that is left of it is kept for grants that are due. */
  isReserved(): boolean {
    return this.#common.free - this.#common.reserved < 1;
  }

  /** Whether the tenant uses nothing of the common pool, and so nothing that it could be told apart by. */
  isIdle(tenant: number): boolean {
    return (this.#place[tenant] as number) < this.idleCount;
  }

  /** Dominant share of the class: Ghodsi et al., Dominant Resource Fairness, NSDI 2011, over the pools it asks for. */
  shareOf(tenant: number, signature: number): number {
    const { pool, units, rest } = this.#demands[signature] as Demand;
    let most = this.commonShare[tenant] as number;
    if (units > 0) most = Math.max(most, this.#shareIn(tenant, pool));
    for (const part of rest) most = Math.max(most, this.#shareIn(tenant, part.pool));
    return most;
  }

  #shareIn(tenant: number, pool: PoolState): number {
    const cell = tenant * this.pools + pool.index;
    return (this.use[cell] as number) / (this.whole[cell] as number);
  }

  /** Puts the tenant in the place of another, and that one in its place. */
  #swap(tenant: number, place: number): void {
    const { byUse } = this;
    const other = byUse[place] as number;
    const left = this.#place[tenant] as number;
    byUse[left] = other;
    this.#place[other] = left;
    byUse[place] = tenant;
    this.#place[tenant] = place;
  }

  /** The units others see in a pool go from `before` to `after`: some signatures fit there no more, or again. */
  #cross({ askers }: PoolState, before: number, after: number): void {
    for (let i = 0; i < askers.length; i += 1) {
      const { signature, units } = askers[i] as Asker;
      if (units > after) {
        if (units <= before) this.#lack(signature);
      } else if (units > before) this.#regain(signature);
    }
  }

  /** There is one pool more in which the signature does not fit. */
  #lack(signature: number): void {
    const lacking = (this.lacking[signature] as number) + 1;
    this.lacking[signature] = lacking;
    if (lacking > 1) return;
    const color = this.#color[signature] as number;
    if (color === SHARED_COLOR) {
      this.#openShared -= 1;
      if (this.#openShared > 0) return;
    }
    this.openColors &= ~color;
  }

  #regain(signature: number): void {
    const lacking = (this.lacking[signature] as number) - 1;
    this.lacking[signature] = lacking;
    if (lacking > 0) return;
    const color = this.#color[signature] as number;
    this.openColors |= color;
    if (color === SHARED_COLOR) this.#openShared += 1;
  }
}

/** The same number, which V8 keeps unboxed from here on if it is small: what comes from a Float64Array is not. */
const whole = Math.round;

/** Stands for the common pool where there is none. */
const UNLIMITED: PoolState = {
  index: -1,
  free: 0x3fffffff,
  reserved: 0,
  tight: 0,
  askers: [],
  askedMost: 0,
};

/** One unit of the common pool is left out of what is asked: selection looks at that pool first. */
function poolStates({ poolNames, signatures, commonPool }: Tables): PoolState[] {
  const { count, offset, pool: poolOf, units: unitsOf } = signatures;
  const askers: Asker[][] = poolNames.map(() => []);
  for (let signature = 0; signature < count; signature += 1) {
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      const pool = poolOf[i] as number;
      const units = whole(unitsOf[i] as number);
      if (pool !== commonPool || units > 1) askers[pool]?.push({ signature, units });
    }
  }
  return askers.map((list, index) => {
    const askedMost = list.reduce((most, { units }) => Math.max(most, units), 0);
    return { index, free: 0, reserved: 0, tight: askedMost, askers: list, askedMost };
  });
}

function demandsOf({ signatures, commonPool }: Tables, pools: readonly PoolState[]): Demand[] {
  const { count, offset, pool: poolOf, units: unitsOf } = signatures;
  return Array.from({ length: count }, (_, signature) => {
    const scarce: Part[] = [];
    let commonUnits = 0;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      const pool = poolOf[i] as number;
      const units = whole(unitsOf[i] as number);
      if (pool === commonPool) commonUnits = units;
      else scarce.push({ pool: pools[pool] as PoolState, units });
    }
    const [first = { pool: UNLIMITED, units: 0 }, ...rest] = scarce;
    return { ...first, commonUnits, rest };
  });
}
