/**
 * Which held run goes next, grants aside: the first by (level, share, held since, id) that
 * fits every pool and cap and harms no grant. The order itself is docs/adr, admission order.
 *
 * Branches and bounds over the tournament of each level: a tenant whose lower bounds cannot
 * beat the best run found is not looked at.
 */
import type { Grants } from './grants.ts';
import type { Ledger } from './ledger.ts';
import type { LevelTree } from './level-tree.ts';
import type { Tables } from './tables.ts';
import type { Waiting } from './waiting.ts';

export class Selection {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #waiting: Waiting;
  readonly #grants: Grants;
  /** Nodes still to visit; a path has at most 31 of them. */
  readonly #stack = new Int32Array(64);
  /** By signature: when a run has to be gone, valid while the stamp is this selection's. */
  readonly #goneByMs: Float64Array;
  readonly #stamps: Float64Array;
  #stamp = 0;
  #nowMs = 0;
  #granting = false;
  #best = -1;
  #bestShare = 0;

  constructor(tables: Tables, ledger: Ledger, waiting: Waiting, grants: Grants) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#waiting = waiting;
    this.#grants = grants;
    this.#goneByMs = new Float64Array(tables.signatures.count);
    this.#stamps = new Float64Array(tables.signatures.count);
  }

  /** -1 when nothing may start. */
  next(nowMs: number): number {
    const { commonPool, rankCount } = this.#tables;
    const { free, reserved } = this.#ledger;
    if (commonPool >= 0 && (free[commonPool] as number) - (reserved[commonPool] as number) < 1) return -1;
    this.#nowMs = nowMs;
    this.#granting = this.#grants.standing.length > 0;
    this.#stamp += 1;
    for (let level = 0; level < rankCount; level += 1) {
      const run = this.#bestAt(level);
      if (run >= 0) return run;
    }
    return -1;
  }

  #bestAt(level: number): number {
    const tree = this.#waiting.trees[level] as LevelTree;
    const open = this.#ledger.openColors;
    if (((tree.colors[1] as number) & open) === 0) return -1;
    this.#best = -1;
    this.#bestShare = Number.POSITIVE_INFINITY;
    const goneWithinMs = this.#granting
      ? this.#grants.commonGoneByMs(this.#nowMs) - this.#nowMs
      : Number.POSITIVE_INFINITY;
    const stack = this.#stack;
    let height = 1;
    stack[0] = 1;
    while (height > 0) {
      height -= 1;
      const node = stack[height] as number;
      if (((tree.colors[node] as number) & open) === 0 || (tree.p90Ms[node] as number) > goneWithinMs)
        continue;
      const share = tree.share[node] as number;
      if (share > this.#bestShare || (share === this.#bestShare && (tree.order[node] as number) > this.#best))
        continue;
      if (node >= tree.leaves) {
        this.#visitTenant(node - tree.leaves, level);
        continue;
      }
      // The better child is visited first: it makes the other one more often needless.
      const left = 2 * node;
      const leftFirst =
        (tree.share[left] as number) < (tree.share[left + 1] as number) ||
        (tree.share[left] === tree.share[left + 1] &&
          (tree.order[left] as number) < (tree.order[left + 1] as number));
      stack[height] = leftFirst ? left + 1 : left;
      stack[height + 1] = leftFirst ? left : left + 1;
      height += 2;
    }
    return this.#best;
  }

  #visitTenant(tenant: number, level: number): void {
    const { tenantClassOffset, tenantClasses, classSignature } = this.#tables;
    const { levelOf, heads } = this.#waiting;
    const { lacking } = this.#ledger;
    const to = tenantClassOffset[tenant + 1] as number;
    for (let i = tenantClassOffset[tenant] as number; i < to; i += 1) {
      const c = tenantClasses[i] as number;
      if (levelOf[c] !== level) continue;
      const signature = classSignature[c] as number;
      if (lacking[signature] === 0) this.#consider(tenant, signature, heads[c] as number);
    }
  }

  #consider(tenant: number, signature: number, run: number): void {
    const share = this.#ledger.shareOf(tenant, signature);
    if (share > this.#bestShare || (share === this.#bestShare && run > this.#best)) return;
    if (!this.#ledger.underCaps(tenant, signature)) return;
    if (this.#granting && this.#isBarred(tenant, signature, run)) return;
    this.#best = run;
    this.#bestShare = share;
  }

  #isBarred(tenant: number, signature: number, run: number): boolean {
    if (this.#stamps[signature] !== this.#stamp) {
      this.#stamps[signature] = this.#stamp;
      this.#goneByMs[signature] = this.#grants.goneByMs(signature, this.#nowMs);
    }
    if (this.#nowMs + (this.#tables.p90Ms[run] as number) > (this.#goneByMs[signature] as number))
      return true;
    if (this.#grants.isGranted(run)) return true;
    return this.#tables.tenantCapped[tenant] === 1 && this.#grants.harmed(run, this.#nowMs) !== null;
  }
}
