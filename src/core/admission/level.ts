/**
 * One level of the order: for each tenant the best that its classes there could offer, in
 * blocks of tenants, so that the next run is found by looking at few of them. Summaries are
 * made when somebody looks, not when something changes: between two looks a tenant often
 * changes several times, and lower levels are seldom looked at.
 *
 * Always true after `refresh`: for a tenant and for a block, `colors` has every signature
 * colour that waits there, and (`share`, `order`) and `p90Ms` are lower bounds for every run
 * that could be picked there.
 */
import type { Tables } from './tables.ts';

/** Tenants in a block: large enough to skip many at once, small enough to summarise often. */
const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;
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
  readonly visited: Float64Array;
  count: number;
}

export class Level {
  readonly #tables: Tables;
  readonly #standing: Standing;
  readonly #level: number;
  readonly #tenants: number;
  readonly #blocks: number;
  readonly #colors: Int32Array;
  readonly #order: Int32Array;
  readonly #p90Ms: Float64Array;
  readonly #stale: Uint8Array;
  readonly #blockColors: Int32Array;
  readonly #blockShare: Float64Array;
  readonly #blockOrder: Int32Array;
  readonly #blockP90Ms: Float64Array;
  readonly #blockStale: Uint8Array;

  constructor(tables: Tables, level: number, standing: Standing) {
    this.#tables = tables;
    this.#standing = standing;
    this.#level = level;
    this.#tenants = tables.tenantNames.length;
    this.#blocks = Math.ceil(this.#tenants / BLOCK);
    this.#colors = new Int32Array(this.#tenants);
    this.#order = new Int32Array(this.#tenants);
    this.#p90Ms = new Float64Array(this.#tenants);
    this.#stale = new Uint8Array(this.#tenants);
    this.#blockColors = new Int32Array(this.#blocks);
    this.#blockShare = new Float64Array(this.#blocks);
    this.#blockOrder = new Int32Array(this.#blocks);
    this.#blockP90Ms = new Float64Array(this.#blocks);
    this.#blockStale = new Uint8Array(this.#blocks);
  }

  /** Everything may have changed. */
  reset(): void {
    this.#stale.fill(1);
    this.#blockStale.fill(1);
  }

  /** The tenant's heads at this level have changed. */
  touch(tenant: number): void {
    this.#stale[tenant] = 1;
    this.#blockStale[tenant >> BLOCK_BITS] = 1;
  }

  /** The tenant's share has changed. */
  reshare(tenant: number): void {
    this.#blockStale[tenant >> BLOCK_BITS] = 1;
  }

  /** Brings the summaries up to date; has to come before `best`. */
  refresh(): void {
    for (let block = 0; block < this.#blocks; block += 1) {
      if (this.#blockStale[block] === 1) this.#summariseBlock(block);
    }
  }

  /**
   * The tenant with the smallest lower bound among those not visited in this look that have
   * an open colour, may be gone within `withinMs`, and whose bound is not above (`share`,
   * `order`); -1 if there is none.
   */
  best(look: Look): number {
    const { open, withinMs, visited, count } = look;
    const commonShare = this.#standing.commonShare;
    let best = -1;
    let bestShare = look.share;
    let bestOrder = look.order;
    for (let block = 0; block < this.#blocks; block += 1) {
      if (((this.#blockColors[block] as number) & open) === 0) continue;
      const blockShare = this.#blockShare[block] as number;
      if (
        blockShare > bestShare ||
        (blockShare === bestShare && (this.#blockOrder[block] as number) >= bestOrder)
      )
        continue;
      if ((this.#blockP90Ms[block] as number) > withinMs) continue;
      const to = Math.min(this.#tenants, (block + 1) << BLOCK_BITS);
      for (let tenant = block << BLOCK_BITS; tenant < to; tenant += 1) {
        if (((this.#colors[tenant] as number) & open) === 0) continue;
        const least = commonShare[tenant] as number;
        if (least > bestShare || (least === bestShare && (this.#order[tenant] as number) >= bestOrder))
          continue;
        if ((this.#p90Ms[tenant] as number) > withinMs || visited[tenant] === count) continue;
        best = tenant;
        bestShare = least;
        bestOrder = this.#order[tenant] as number;
      }
    }
    return best;
  }

  #summariseBlock(block: number): void {
    const commonShare = this.#standing.commonShare;
    const to = Math.min(this.#tenants, (block + 1) << BLOCK_BITS);
    let colors = 0;
    let share = Number.POSITIVE_INFINITY;
    let order = LAST;
    let p90Ms = Number.POSITIVE_INFINITY;
    for (let tenant = block << BLOCK_BITS; tenant < to; tenant += 1) {
      if (this.#stale[tenant] === 1) this.#summarise(tenant);
      const own = this.#colors[tenant] as number;
      if (own === 0) continue;
      colors |= own;
      const least = commonShare[tenant] as number;
      const first = this.#order[tenant] as number;
      if (least < share) {
        share = least;
        order = first;
      } else if (least === share && first < order) order = first;
      const soonest = this.#p90Ms[tenant] as number;
      if (soonest < p90Ms) p90Ms = soonest;
    }
    this.#blockColors[block] = colors;
    this.#blockShare[block] = share;
    this.#blockOrder[block] = order;
    this.#blockP90Ms[block] = p90Ms;
    this.#blockStale[block] = 0;
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
    this.#stale[tenant] = 0;
  }
}
