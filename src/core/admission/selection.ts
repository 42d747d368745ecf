/**
 * Which held run goes next, grants aside: the first by (level, share, held since, id) that
 * fits every pool and cap and harms no grant. The order itself is docs/adr, admission order.
 *
 * Branch and bound: a tenant is looked at closely only if its bound beats the best run found
 * so far. Idle tenants come first, and mostly settle it: whoever uses nothing has no share.
 */
import type { Grants } from './grants.ts';
import type { Ledger } from './ledger.ts';
import { ENTRY, type Level } from './level.ts';
import { NO_RUN } from './run-heap.ts';
import type { Tables } from './tables.ts';
import type { Waiting } from './waiting.ts';

export class Selection {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #waiting: Waiting;
  readonly #grants: Grants;
  readonly #runSignature: Int32Array;
  /** By signature: the only pool it asks for beside the common one; the common one if there is none; -1 for several. */
  readonly #otherPool: Int32Array;
  /** By tenant: none of its held runs has a shorter P90. */
  readonly #tenantP90Ms: Float64Array;
  readonly #leastP90Ms: number;
  readonly #anyCaps: boolean;
  /** By signature: when a run has to be gone, valid while the stamp is this selection's. */
  readonly #goneByMs: Float64Array;
  readonly #stamps: Float64Array;
  #stamp = 0;
  #nowMs = 0;
  #granting = false;
  /** Whether caps or grants may stop what the pools leave room for. */
  #stopping = false;
  /** What may run no longer than this harms no grant for the common pool's sake. */
  #withinMs = 0;
  /** The best run so far, or NO_RUN, its class and its share. */
  #best = NO_RUN;
  #bestClass = -1;
  #bestShare = 0.5;

  constructor(tables: Tables, ledger: Ledger, waiting: Waiting, grants: Grants) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#waiting = waiting;
    this.#grants = grants;
    this.#runSignature = tables.runSignature;
    this.#otherPool = otherPools(tables);
    this.#tenantP90Ms = new Float64Array(tables.tenantNames.length).fill(Number.POSITIVE_INFINITY);
    for (let run = 0; run < tables.heldCount; run += 1) {
      const tenant = tables.runTenant[run] as number;
      this.#tenantP90Ms[tenant] = Math.min(this.#tenantP90Ms[tenant] as number, tables.p90Ms[run] as number);
    }
    this.#leastP90Ms = this.#tenantP90Ms.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    this.#anyCaps = tables.tenantCapped.includes(1);
    this.#goneByMs = new Float64Array(tables.signatures.count);
    this.#stamps = new Float64Array(tables.signatures.count);
  }

  /** The class whose head goes next; -1 when nothing may start. */
  next(nowMs: number): number {
    const { rankCount } = this.#tables;
    if (this.#ledger.isReserved()) return -1;
    this.#granting = this.#grants.count > 0;
    this.#stopping = this.#granting || this.#anyCaps;
    if (this.#granting) {
      this.#nowMs = nowMs;
      this.#stamp += 1;
      this.#withinMs = this.#grants.commonGoneByMs(nowMs) - nowMs;
      if (this.#leastP90Ms > this.#withinMs) return -1;
    }
    if (this.#tables.classCount === 1) return this.#onlyHead();
    const open = this.#ledger.openColors;
    for (let rank = 0; rank < rankCount; rank += 1) {
      const level = this.#waiting.levels[rank] as Level;
      if ((level.allColors & open) === 0) continue;
      const c = this.#bestAt(rank, level, open);
      if (c >= 0) return c;
    }
    return -1;
  }

  /** Of the only class there is. */
  #onlyHead(): number {
    const head = this.#waiting.headOf(0);
    return head >= 0 && this.#tables.classStalled[0] === 0 && this.#mayStart(head) ? 0 : -1;
  }

  #bestAt(rank: number, level: Level, open: number): number {
    const { idleHeads } = this.#waiting;
    if (idleHeads === null) {
      if (this.#stopping) return this.#bestCarefully(level, open, 0);
      const c = this.#bestOfIdle(level, open);
      return c < 0 ? this.#bestOfBusy(level, open) : c;
    }
    const run = idleHeads.first(rank, open & level.allColors, this.#mayStart);
    if (run !== NO_RUN) return this.#tables.runClass[run] as number;
    if (this.#stopping) return this.#bestCarefully(level, open, this.#ledger.idleCount);
    return this.#bestOfBusy(level, open);
  }

  /**
   * Idle tenants have no share of anything, so only waiting counts, and whoever uses anything
   * comes after them. Here and in the next no call and no rare case, for the sake of speed.
   */
  #bestOfIdle(level: Level, open: number): number {
    const { colors, line, from, to } = level;
    const { byUse, idleCount, lacking } = this.#ledger;
    let best = NO_RUN;
    let place = -1;
    for (let i = 0; i < idleCount; i += 1) {
      const tenant = byUse[i] as number;
      if (((colors[tenant] as number) & open) === 0) continue;
      const end = to[tenant] as number;
      for (let at = from[tenant] as number; at < end; at += ENTRY) {
        const run = line[at] as number;
        if (run >= best) break;
        if (lacking[line[at + 1] as number] !== 0) continue;
        best = run;
        place = at;
        break;
      }
    }
    return place < 0 ? -1 : (line[place + 2] as number);
  }

  #bestOfBusy(level: Level, open: number): number {
    const { colors, line, from, to } = level;
    const { byUse, idleCount, commonShare, lacking, use, whole, pools } = this.#ledger;
    const otherPool = this.#otherPool;
    let best = NO_RUN;
    let bestShare = Number.POSITIVE_INFINITY;
    let place = -1;
    for (let i = idleCount; i < byUse.length; i += 1) {
      const tenant = byUse[i] as number;
      const common = commonShare[tenant] as number;
      if (common > bestShare || ((colors[tenant] as number) & open) === 0) continue;
      const end = to[tenant] as number;
      for (let at = from[tenant] as number; at < end; at += ENTRY) {
        const run = line[at] as number;
        // Those that follow wait less long still.
        if (common === bestShare && run >= best) break;
        const signature = line[at + 1] as number;
        if (lacking[signature] !== 0) continue;
        const pool = otherPool[signature] as number;
        const cell = tenant * pools + pool;
        const other =
          pool < 0
            ? this.#ledger.shareOf(tenant, signature)
            : (use[cell] as number) / (whole[cell] as number);
        const share = Math.max(other, common);
        if (share > bestShare || (share === bestShare && run >= best)) continue;
        best = run;
        bestShare = share;
        place = at;
      }
    }
    return place < 0 ? -1 : (line[place + 2] as number);
  }

  /** Among tenants byUse[from] and after, where caps or grants may stop what the pools leave room for. */
  #bestCarefully(level: Level, open: number, from: number): number {
    const { byUse, commonShare } = this.#ledger;
    this.#best = NO_RUN;
    this.#bestClass = -1;
    this.#bestShare = Number.POSITIVE_INFINITY;
    for (let i = from; i < byUse.length; i += 1) {
      const tenant = byUse[i] as number;
      if (((level.colors[tenant] as number) & open) === 0) continue;
      if ((commonShare[tenant] as number) > this.#bestShare) continue;
      if (this.#granting && (this.#tenantP90Ms[tenant] as number) > this.#withinMs) continue;
      this.#visit(tenant, level);
    }
    return this.#bestClass;
  }

  #visit(tenant: number, level: Level): void {
    const { lacking, commonShare } = this.#ledger;
    const common = commonShare[tenant] as number;
    const to = level.to[tenant] as number;
    for (let at = level.from[tenant] as number; at < to; at += ENTRY) {
      const run = level.line[at] as number;
      if (common === this.#bestShare && run >= this.#best) return;
      const signature = level.line[at + 1] as number;
      if (lacking[signature] !== 0) continue;
      const share = this.#ledger.shareOf(tenant, signature);
      if (share > this.#bestShare || (share === this.#bestShare && run >= this.#best)) continue;
      if (this.#isStopped(tenant, signature, run)) continue;
      this.#best = run;
      this.#bestClass = level.line[at + 2] as number;
      this.#bestShare = share;
    }
  }

  readonly #mayStart = (run: number): boolean => {
    const signature = this.#runSignature[run] as number;
    if (this.#ledger.lacking[signature] !== 0) return false;
    return !this.#stopping || !this.#isStopped(this.#tables.runTenant[run] as number, signature, run);
  };

  #isStopped(tenant: number, signature: number, run: number): boolean {
    return (
      !this.#ledger.underCaps(tenant, signature) || (this.#granting && this.#isBarred(tenant, signature, run))
    );
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

function otherPools({ signatures, commonPool }: Tables): Int32Array {
  return Int32Array.from({ length: signatures.count }, (_, s) => {
    const pools = signatures.pool.subarray(signatures.offset[s], signatures.offset[s + 1]);
    const others = pools.filter((pool) => pool !== commonPool);
    if (others.length === 1) return others[0] as number;
    return others.length === 0 ? commonPool : -1;
  });
}
