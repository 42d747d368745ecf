/**
 * Which held run goes next, grants aside: the first by (level, share, held since, id) that
 * fits every pool and cap and harms no grant. The order itself is docs/adr, admission order.
 *
 * Branch and bound: the tenants of a level are looked at by their lower bounds, and no more
 * of them once no bound beats the best run found.
 */
import type { Grants } from './grants.ts';
import type { Ledger } from './ledger.ts';
import type { Level, Look } from './level.ts';
import type { Tables } from './tables.ts';
import type { Waiting } from './waiting.ts';

const ANY_ORDER = 0x7fffffff;

export class Selection {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #waiting: Waiting;
  readonly #grants: Grants;
  /** By signature: when a run has to be gone, valid while the stamp is this selection's. */
  readonly #goneByMs: Float64Array;
  readonly #stamps: Float64Array;
  #stamp = 0;
  #nowMs = 0;
  #granting = false;
  readonly #look: Look;
  /** The best run so far, or -1. */
  #best = -1;

  constructor(tables: Tables, ledger: Ledger, waiting: Waiting, grants: Grants) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#waiting = waiting;
    this.#grants = grants;
    const visited = new Int32Array(tables.tenantNames.length);
    this.#look = { open: 0, withinMs: 0, share: 0, order: 0, visited, count: 0 };
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

  #bestAt(rank: number): number {
    const level = this.#waiting.levels[rank] as Level;
    const look = this.#look;
    look.open = this.#ledger.openColors;
    look.withinMs = this.#granting
      ? this.#grants.commonGoneByMs(this.#nowMs) - this.#nowMs
      : Number.POSITIVE_INFINITY;
    look.share = Number.POSITIVE_INFINITY;
    look.order = ANY_ORDER;
    look.count += 1;
    level.refresh();
    this.#best = -1;
    for (let tenant = level.best(look); tenant >= 0; tenant = level.best(look)) {
      const bound = this.#waiting.commonShare[tenant] as number;
      const first = level.orderOf(tenant);
      look.visited[tenant] = look.count;
      this.#visitTenant(tenant, rank);
      // It offers all that its bound promised, and no other bound was smaller.
      if (look.share === bound && look.order === first) break;
    }
    return this.#best;
  }

  #visitTenant(tenant: number, level: number): void {
    const { tenantClasses, classSignature } = this.#tables;
    const { levelOf, heads } = this.#waiting;
    const { lacking } = this.#ledger;
    const to = tenantClasses[tenant + 1] as number;
    for (let c = tenantClasses[tenant] as number; c < to; c += 1) {
      if (levelOf[c] !== level) continue;
      const signature = classSignature[c] as number;
      if (lacking[signature] === 0) this.#consider(tenant, signature, heads[c] as number);
    }
  }

  #consider(tenant: number, signature: number, run: number): void {
    if (run > this.#look.order && (this.#waiting.commonShare[tenant] as number) >= this.#look.share) return;
    const share = this.#ledger.shareOf(tenant, signature);
    if (share > this.#look.share || (share === this.#look.share && run > this.#look.order)) return;
    if (!this.#ledger.underCaps(tenant, signature)) return;
    if (this.#granting && this.#isBarred(tenant, signature, run)) return;
    this.#best = run;
    this.#look.order = run;
    this.#look.share = share;
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
