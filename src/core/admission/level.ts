/**
 * One level of the order: for each tenant the best that its classes there could offer, so
 * that the next run is found by looking at few of them. Summaries are made when somebody
 * looks, not when something changes: between two looks a tenant often changes several
 * times, and lower levels are seldom looked at. Many tenants are summarised in blocks.
 *
 * Always true after `refresh`: for a tenant and for a block, `colors` has every signature
 * colour that waits there, and (share, order) and P90 are lower bounds for every run there.
 */
import type { Tables } from './tables.ts';

/** Tenants in a block: large enough to skip many at once, small enough to summarise often. */
const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;
/** With no more tenants than this, looking at each costs less than keeping blocks. */
const UNBLOCKED_MAX = 64;
const LAST = 0x7fffffff;

/** What all levels share: where each class stands, its head, and each tenant's share of the common pool. */
export interface Standing {
  /** By class: the level it stands at, or -1. */
  readonly levelOf: Int8Array;
  /** By class: its first waiting run, or -1. */
  readonly heads: Int32Array;
  readonly commonShare: Float64Array;
}

/** One look for the next run: what may go now, and the best found so far. Reused, so that looking allocates nothing. */
export interface Look {
  open: number;
  withinMs: number;
  share: number;
  order: number;
  /** By tenant: the count of the look that visited it last. */
  readonly visited: Int32Array;
  count: number;
}

export class Level {
  readonly #tables: Tables;
  readonly #standing: Standing;
  readonly #level: number;
  readonly #tenants: number;
  /** 0 when tenants are looked at one by one. */
  readonly #blocks: number;
  readonly #colors: Int32Array;
  readonly #order: Int32Array;
  readonly #p90Ms: Float64Array;
  readonly #stale: StaleSet;
  readonly #blockColors: Int32Array;
  readonly #blockShare: Float64Array;
  readonly #blockOrder: Int32Array;
  readonly #blockP90Ms: Float64Array;
  readonly #blockStale: StaleSet;

  constructor(tables: Tables, level: number, standing: Standing) {
    this.#tables = tables;
    this.#standing = standing;
    this.#level = level;
    this.#tenants = tables.tenantNames.length;
    this.#blocks = this.#tenants <= UNBLOCKED_MAX ? 0 : Math.ceil(this.#tenants / BLOCK);
    this.#colors = new Int32Array(this.#tenants);
    this.#order = new Int32Array(this.#tenants);
    this.#p90Ms = new Float64Array(this.#tenants);
    this.#stale = new StaleSet(this.#tenants);
    this.#blockColors = new Int32Array(this.#blocks);
    this.#blockShare = new Float64Array(this.#blocks);
    this.#blockOrder = new Int32Array(this.#blocks);
    this.#blockP90Ms = new Float64Array(this.#blocks);
    this.#blockStale = new StaleSet(this.#blocks);
  }

  /** Everything may have changed. */
  reset(): void {
    for (let tenant = 0; tenant < this.#tenants; tenant += 1) this.touch(tenant);
  }

  /** The tenant's heads at this level have changed. */
  touch(tenant: number): void {
    this.#stale.add(tenant);
    if (this.#blocks > 0) this.#blockStale.add(tenant >> BLOCK_BITS);
  }

  /** The tenant's share has changed. */
  reshare(tenant: number): void {
    if (this.#blocks > 0) this.#blockStale.add(tenant >> BLOCK_BITS);
  }

  /** Brings the summaries up to date; has to come before `best`. */
  refresh(): void {
    for (let tenant = this.#stale.take(); tenant >= 0; tenant = this.#stale.take()) this.#summarise(tenant);
    if (this.#blocks === 0) return;
    for (let block = this.#blockStale.take(); block >= 0; block = this.#blockStale.take())
      this.#summariseBlock(block);
  }

  /**
   * The tenant with the smallest lower bound among those not visited in this look that have
   * an open colour, may be gone within `withinMs`, and whose bound is not above (`share`,
   * `order`); -1 if there is none.
   */
  best(look: Look): number {
    if (this.#blocks === 0) return this.#bestOf(look, 0, this.#tenants, -1);
    const { open, withinMs } = look;
    let best = -1;
    for (let block = 0; block < this.#blocks; block += 1) {
      if (((this.#blockColors[block] as number) & open) === 0) continue;
      const share = this.#blockShare[block] as number;
      const bestShare = best < 0 ? look.share : (this.#standing.commonShare[best] as number);
      if (share > bestShare) continue;
      const bestOrder = best < 0 ? look.order : (this.#order[best] as number);
      if (share === bestShare && (this.#blockOrder[block] as number) >= bestOrder) continue;
      if ((this.#blockP90Ms[block] as number) > withinMs) continue;
      best = this.#bestOf(
        look,
        block << BLOCK_BITS,
        Math.min(this.#tenants, (block + 1) << BLOCK_BITS),
        best,
      );
    }
    return best;
  }

  /** The order part of the tenant's lower bound. */
  orderOf(tenant: number): number {
    return this.#order[tenant] as number;
  }

  #bestOf(look: Look, from: number, to: number, known: number): number {
    const { open, withinMs, visited, count } = look;
    const { commonShare } = this.#standing;
    const colors = this.#colors;
    const orders = this.#order;
    let best = known;
    let bestShare = known < 0 ? look.share : (commonShare[known] as number);
    let bestOrder = known < 0 ? look.order : (orders[known] as number);
    for (let tenant = from; tenant < to; tenant += 1) {
      const share = commonShare[tenant] as number;
      if (share > bestShare || ((colors[tenant] as number) & open) === 0) continue;
      const order = orders[tenant] as number;
      if (share === bestShare && order >= bestOrder) continue;
      if ((this.#p90Ms[tenant] as number) > withinMs || visited[tenant] === count) continue;
      best = tenant;
      bestShare = share;
      bestOrder = order;
    }
    return best;
  }

  #summariseBlock(block: number): void {
    const { commonShare } = this.#standing;
    const to = Math.min(this.#tenants, (block + 1) << BLOCK_BITS);
    let colors = 0;
    let share = Number.POSITIVE_INFINITY;
    let order = LAST;
    let p90Ms = Number.POSITIVE_INFINITY;
    for (let tenant = block << BLOCK_BITS; tenant < to; tenant += 1) {
      const own = this.#colors[tenant] as number;
      if (own === 0) continue;
      colors |= own;
      const least = commonShare[tenant] as number;
      const first = this.#order[tenant] as number;
      if (least < share || (least === share && first < order)) {
        share = least;
        order = first;
      }
      p90Ms = Math.min(p90Ms, this.#p90Ms[tenant] as number);
    }
    this.#blockColors[block] = colors;
    this.#blockShare[block] = share;
    this.#blockOrder[block] = order;
    this.#blockP90Ms[block] = p90Ms;
  }

  #summarise(tenant: number): void {
    const { tenantClasses, classColor, p90Ms } = this.#tables;
    const { levelOf, heads } = this.#standing;
    const level = this.#level;
    const to = tenantClasses[tenant + 1] as number;
    let colors = 0;
    let order = LAST;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (let c = tenantClasses[tenant] as number; c < to; c += 1) {
      if (levelOf[c] !== level) continue;
      const head = heads[c] as number;
      colors |= classColor[c] as number;
      if (head < order) order = head;
      const headMs = p90Ms[head] as number;
      if (headMs < soonestMs) soonestMs = headMs;
    }
    this.#colors[tenant] = colors;
    this.#order[tenant] = order;
    this.#p90Ms[tenant] = soonestMs;
  }
}

/** Indexes to be looked at again, each once. */
class StaleSet {
  readonly #isIn: Uint8Array;
  readonly #list: Int32Array;
  #count = 0;

  constructor(size: number) {
    this.#isIn = new Uint8Array(size);
    this.#list = new Int32Array(size);
  }

  add(index: number): void {
    if (this.#isIn[index] === 1) return;
    this.#isIn[index] = 1;
    this.#list[this.#count] = index;
    this.#count += 1;
  }

  /** Takes one out, or returns -1. */
  take(): number {
    if (this.#count === 0) return -1;
    this.#count -= 1;
    const index = this.#list[this.#count] as number;
    this.#isIn[index] = 0;
    return index;
  }
}
