/**
 * A tournament over the tenants of one level: finds the tenant whose best class could go
 * first without looking at the others. Each tenant is a leaf; an inner node carries the
 * best of its two children.
 *
 * Always true for every node: `colors` has every signature colour that waits below it;
 * (`share`, `order`) and `p90Ms` are lower bounds of those of every class below it.
 */
export class LevelTree {
  /** Leaves start here; a power of two. */
  readonly leaves: number;
  readonly colors: Int32Array;
  /** Least share of the common pool, and the earliest head among those of that share. */
  readonly share: Float64Array;
  readonly order: Int32Array;
  readonly p90Ms: Float64Array;

  constructor(tenants: number) {
    let leaves = 1;
    while (leaves < tenants) leaves *= 2;
    this.leaves = leaves;
    this.colors = new Int32Array(2 * leaves);
    this.share = new Float64Array(2 * leaves);
    this.order = new Int32Array(2 * leaves);
    this.p90Ms = new Float64Array(2 * leaves);
    this.reset();
  }

  reset(): void {
    this.colors.fill(0);
    this.share.fill(Number.POSITIVE_INFINITY);
    this.order.fill(0);
    this.p90Ms.fill(Number.POSITIVE_INFINITY);
  }

  /** Nothing of the tenant waits at this level when `colors` is 0. */
  setLeaf(tenant: number, colors: number, order: number, p90Ms: number): void {
    const leaf = this.leaves + tenant;
    this.colors[leaf] = colors;
    this.order[leaf] = order;
    this.p90Ms[leaf] = p90Ms;
  }

  setShare(tenant: number, share: number): void {
    const leaf = this.leaves + tenant;
    this.share[leaf] = share;
    if (this.colors[leaf] !== 0) this.lift(tenant);
  }

  /** Carries a changed leaf up, as far as anything changes. */
  lift(tenant: number): void {
    const { colors, share, order, p90Ms } = this;
    for (let node = (this.leaves + tenant) >> 1; node >= 1; node >>= 1) {
      const left = 2 * node;
      const right = left + 1;
      const leftColors = colors[left] as number;
      const rightColors = colors[right] as number;
      let best = left;
      if (leftColors === 0) best = right;
      else if (rightColors !== 0 && this.#goesBefore(right, left)) best = right;
      const all = leftColors | rightColors;
      const soonest = Math.min(p90Ms[left] as number, p90Ms[right] as number);
      if (
        colors[node] === all &&
        share[node] === share[best] &&
        order[node] === order[best] &&
        p90Ms[node] === soonest
      ) {
        return;
      }
      colors[node] = all;
      share[node] = share[best] as number;
      order[node] = order[best] as number;
      p90Ms[node] = soonest;
    }
  }

  #goesBefore(a: number, b: number): boolean {
    const shareA = this.share[a] as number;
    const shareB = this.share[b] as number;
    return shareA < shareB || (shareA === shareB && (this.order[a] as number) < (this.order[b] as number));
  }
}
