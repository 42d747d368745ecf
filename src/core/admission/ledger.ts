/**
 * What is in use: free units of each pool, use and share of each tenant, and which
 * signatures have room at this moment.
 *
 * Always true: `lacking[s]` is 0 exactly when, in every pool signature s asks for, the units
 * free beyond `reserved` cover what it asks for, one unit of the common pool left aside: that
 * pool changes with every event, so whoever selects looks at it once instead. `openColors`
 * has the bit of every signature with room.
 */
import { SHARED_COLOR, type Signatures } from './signatures.ts';
import type { Tables } from './tables.ts';

export class Ledger {
  readonly #tables: Tables;
  readonly pools: number;
  readonly #color: Int32Array;
  readonly #offset: Int32Array;
  readonly #pool: Int32Array;
  readonly #units: Float64Array;
  /** By signature: what it asks for beside the common pool, and of that. */
  readonly #scarce: Pick<Signatures, 'offset' | 'pool' | 'units'>;
  readonly #commonUnits: Float64Array;
  /** size * weight by tenant * pools + pool; Infinity for a pool of size 0: who asks for it never starts. */
  readonly whole: Float64Array;
  readonly free: Float64Array;
  /** Units kept for grants that are due: others see only what is free beyond them. */
  readonly reserved: Float64Array;
  /** By tenant * pools + pool. */
  readonly use: Float64Array;
  /** By tenant: its share of the pool that every run asks for; no class of it has less. */
  readonly commonShare: Float64Array;
  /** All tenants, those that use nothing of the common pool first; and each one's place there. */
  readonly byUse: Int32Array;
  readonly #place: Int32Array;
  idleCount = 0;
  readonly #commonPool: number;
  openColors = 0;
  /** By signature: in how many of its pools it does not fit now. */
  readonly lacking: Int32Array;
  /** Signatures with room among those that share the last colour. */
  #openShared = 0;
  /** Per pool: the signatures that ask for it, and how much; the most that any asks. */
  readonly #askers: readonly Int32Array[];
  readonly #asked: readonly Float64Array[];
  readonly #askedMost: Float64Array;
  /** Per pool: with as many free units or more it stops nobody. */
  readonly #tight: Float64Array;

  constructor(tables: Tables) {
    const { signatures } = tables;
    this.#tables = tables;
    this.pools = tables.poolNames.length;
    this.#color = signatures.color;
    this.#offset = signatures.offset;
    this.#pool = signatures.pool;
    this.#units = signatures.units;
    this.#scarce = without(tables.commonPool, signatures);
    this.#commonUnits = unitsOf(tables.commonPool, signatures);
    this.free = new Float64Array(this.pools);
    this.reserved = new Float64Array(this.pools);
    const cells = tables.tenantNames.length * this.pools;
    this.use = new Float64Array(cells);
    this.commonShare = new Float64Array(tables.tenantNames.length);
    this.byUse = new Int32Array(tables.tenantNames.length);
    this.#place = new Int32Array(tables.tenantNames.length);
    this.#commonPool = tables.commonPool;
    this.whole = Float64Array.from(this.use, (_, at) => {
      const size = tables.size[at % this.pools] as number;
      const weight = tables.weight[Math.floor(at / this.pools)] as number;
      return size === 0 ? Number.POSITIVE_INFINITY : size * weight;
    });
    this.lacking = new Int32Array(signatures.count);
    const askers = askersByPool(tables);
    this.#askers = askers.map((list) => Int32Array.from(list, ([signature]) => signature));
    this.#asked = askers.map((list) => Float64Array.from(list, ([, units]) => units));
    this.#askedMost = Float64Array.from(askers, (list) =>
      list.reduce((most, [, units]) => Math.max(most, units), 0),
    );
    this.#tight = new Float64Array(this.pools);
    this.reset();
  }

  /** Nothing runs but what others use. */
  reset(): void {
    const { size, otherUse } = this.#tables;
    this.reserved.fill(0);
    this.#tight.set(this.#askedMost);
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
    for (let pool = 0; pool < this.pools; pool += 1) {
      const free = (size[pool] as number) - (otherUse[pool] as number);
      this.free[pool] = free;
      this.#cross(pool, Number.POSITIVE_INFINITY, free);
    }
  }

  /** A run of the tenant takes what its signature asks for. */
  occupy(tenant: number, signature: number): void {
    this.#change(tenant, signature, 1);
  }

  release(tenant: number, signature: number): void {
    this.#change(tenant, signature, -1);
  }

  reserve(pool: number, units: number): void {
    const before = this.reserved[pool] as number;
    if (before === units) return;
    this.reserved[pool] = units;
    this.#tight[pool] = units + (this.#askedMost[pool] as number);
    const free = this.free[pool] as number;
    this.#cross(pool, free - before, free - units);
  }

  /** Whether the vector fits what is free, grants not considered. */
  fits(signature: number): boolean {
    const to = this.#offset[signature + 1] as number;
    for (let i = this.#offset[signature] as number; i < to; i += 1) {
      if ((this.free[this.#pool[i] as number] as number) < (this.#units[i] as number)) return false;
    }
    return true;
  }

  /** Whether the tenant's caps leave room for the vector. */
  underCaps(tenant: number, signature: number): boolean {
    if (this.#tables.tenantCapped[tenant] === 0) return true;
    for (let i = this.#offset[signature] as number; i < (this.#offset[signature + 1] as number); i += 1) {
      if (this.capRoom(tenant, this.#pool[i] as number) < (this.#units[i] as number)) return false;
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
    return this.#commonPool >= 0 && (this.free[this.#commonPool] as number) < 1;
  }

  /** Whether the tenant uses nothing of the common pool, and so nothing that it could be told apart by. */
  isIdle(tenant: number): boolean {
    return (this.#place[tenant] as number) < this.idleCount;
  }

  /** Dominant share of the class: Ghodsi et al., Dominant Resource Fairness, NSDI 2011, over the pools it asks for. */
  shareOf(tenant: number, signature: number): number {
    const row = tenant * this.pools;
    const to = this.#offset[signature + 1] as number;
    let most = 0;
    for (let i = this.#offset[signature] as number; i < to; i += 1) {
      const at = row + (this.#pool[i] as number);
      const share = (this.use[at] as number) / (this.whole[at] as number);
      if (share > most) most = share;
    }
    return most;
  }

  #change(tenant: number, signature: number, sign: number): void {
    const { free, use, pools } = this;
    const common = this.#commonPool;
    const { offset, pool: poolOf, units } = this.#scarce;
    const tightOf = this.#tight;
    const row = tenant * pools;
    const to = offset[signature + 1] as number;
    let tight = false;
    for (let i = offset[signature] as number; i < to; i += 1) {
      const pool = poolOf[i] as number;
      const amount = sign * (units[i] as number);
      const before = free[pool] as number;
      use[row + pool] = (use[row + pool] as number) + amount;
      free[pool] = before - amount;
      if (Math.min(before, before - amount) < (tightOf[pool] as number)) tight = true;
    }
    if (common >= 0) {
      const amount = sign * (this.#commonUnits[signature] as number);
      const before = free[common] as number;
      const used = (use[row + common] as number) + amount;
      use[row + common] = used;
      free[common] = before - amount;
      if (Math.min(before, before - amount) < (tightOf[common] as number)) tight = true;
      this.#reshare(tenant, used, amount);
    }
    if (tight) this.#recount(signature, sign);
  }

  /** Some pools of the signature are so full, or were before its units changed hands, that they stop somebody. */
  #recount(signature: number, sign: number): void {
    const { offset, pool, units } = this.#tables.signatures;
    for (let i = offset[signature] as number; i < (offset[signature + 1] as number); i += 1) {
      const p = pool[i] as number;
      const seen = (this.free[p] as number) - (this.reserved[p] as number);
      this.#cross(p, seen + sign * (units[i] as number), seen);
    }
  }

  #reshare(tenant: number, used: number, change: number): void {
    this.commonShare[tenant] = used / (this.whole[tenant * this.pools + this.#commonPool] as number);
    if (used === 0) {
      this.#swap(tenant, this.idleCount);
      this.idleCount += 1;
    } else if (used === change) {
      this.idleCount -= 1;
      this.#swap(tenant, this.idleCount);
    }
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

  /** The units others see in a pool go from `before` to `after`: signatures that cross the line change their bit. */
  #cross(pool: number, before: number, after: number): void {
    const askers = this.#askers[pool] as Int32Array;
    const asked = this.#asked[pool] as Float64Array;
    const lacking = this.lacking;
    for (let i = 0; i < askers.length; i += 1) {
      const units = asked[i] as number;
      const lackedBefore = units > before;
      if (lackedBefore === units > after) continue;
      const s = askers[i] as number;
      const count = (lacking[s] as number) + (lackedBefore ? -1 : 1);
      lacking[s] = count;
      if (count === 0) this.#open(s);
      else if (count === 1 && !lackedBefore) this.#close(s);
    }
  }

  #open(s: number): void {
    const color = this.#color[s] as number;
    this.openColors |= color;
    if (color === SHARED_COLOR) this.#openShared += 1;
  }

  #close(s: number): void {
    const color = this.#color[s] as number;
    if (color === SHARED_COLOR) {
      this.#openShared -= 1;
      if (this.#openShared > 0) return;
    }
    this.openColors &= ~color;
  }
}

/** What signatures ask for, one pool left out. */
function without(pool: number, signatures: Signatures): Pick<Signatures, 'offset' | 'pool' | 'units'> {
  const kept = (_: number, i: number): boolean => signatures.pool[i] !== pool;
  let left = 0;
  let at = 0;
  const offset = signatures.offset.map((to) => {
    for (; at < to; at += 1) if (signatures.pool[at] !== pool) left += 1;
    return left;
  });
  return { offset, pool: signatures.pool.filter(kept), units: signatures.units.filter(kept) };
}

/** By signature: how much it asks for of a pool. */
function unitsOf(pool: number, { count, offset, pool: poolOf, units }: Signatures): Float64Array {
  return Float64Array.from({ length: count }, (_, s) => {
    const at = poolOf.indexOf(pool, offset[s]);
    return at >= 0 && at < (offset[s + 1] as number) ? (units[at] as number) : 0;
  });
}

/** One unit of the common pool is left out: selection looks at that pool first. */
function askersByPool(tables: Tables): (readonly [number, number])[][] {
  const { signatures, commonPool } = tables;
  const askers: (readonly [number, number])[][] = tables.poolNames.map(() => []);
  for (let s = 0; s < signatures.count; s += 1) {
    for (let i = signatures.offset[s] as number; i < (signatures.offset[s + 1] as number); i += 1) {
      const pool = signatures.pool[i] as number;
      const units = signatures.units[i] as number;
      if (pool === commonPool && units === 1) continue;
      askers[pool]?.push([s, units]);
    }
  }
  return askers;
}
