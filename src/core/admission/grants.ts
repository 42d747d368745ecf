/**
 * Grants: reservations that keep a run which needs much at once from starving.
 *
 * A grant goes to a blocked overdue head that asks for several scarce pools or several
 * units. Its promise is computed once and never moves: a promise that follows each new
 * estimate was measured to slip by hours. Until then others may use its units if they are
 * expected to be gone in time; from then on those units are kept free for it.
 *
 * Always true: grants stand oldest first; a granted run yields only to older grants, so two
 * of them never wait for each other. A grant whose run cannot start because something is
 * paused or in doubt stays, but binds nobody meanwhile.
 */
import { assert } from '../assert.ts';
import type { Ledger } from './ledger.ts';
import { byGrantAge, type StandingGrant } from './order.ts';
import { type ActiveSet, Promises } from './promise.ts';
import { Rivals } from './rivals.ts';
import type { Tables } from './tables.ts';
import type { Waiting } from './waiting.ts';

export class Grants {
  readonly #tables: Tables;
  readonly #ledger: Ledger;
  readonly #waiting: Waiting;
  readonly #rivals: Rivals;
  readonly #promises: Promises;
  /** By pool: what grants that are due ask for, while that is being counted. */
  readonly #due: Float64Array;
  /** By pool: what there is room for, while that is being compared. */
  readonly #room: Float64Array;
  readonly #isGranted = (run: number): boolean => this.isGranted(run);
  #standing: StandingGrant[] = [];
  /** How many stand. */
  count = 0;
  #nextDueMs = Number.POSITIVE_INFINITY;
  /** With this count of changes among those who wait there was nothing to give. */
  #quietSince = -1;
  /** Caps give room back without any change among those who wait. */
  readonly #cappedTenants: boolean;

  constructor(tables: Tables, ledger: Ledger, waiting: Waiting) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#waiting = waiting;
    this.#rivals = new Rivals(tables, ledger, waiting);
    this.#promises = new Promises(tables, ledger);
    this.#due = new Float64Array(tables.poolNames.length);
    this.#room = new Float64Array(tables.poolNames.length);
    this.#cappedTenants = tables.tenantCapped.includes(1);
  }

  /** Back to the grants of the snapshot. */
  reset(nowMs: number): void {
    this.#rivals.reset();
    this.#quietSince = -1;
    this.#standing = this.#tables.grants.map(({ run, grantedAtMs, promisedAtMs }) => ({
      run,
      ...this.#classOf(run),
      grantedAtMs,
      promisedAtMs,
    }));
    this.#reserveDue(nowMs);
  }

  /**
   * When a run of this signature has to be gone so as to harm no grant: before the earliest
   * promise whose units it would take. Infinity when it harms none however long it runs;
   * -Infinity when only units kept for a grant that is due are left. Caps are not considered.
   */
  goneByMs(signature: number, nowMs: number): number {
    let goneBy = Number.POSITIVE_INFINITY;
    for (const grant of this.#standing) {
      if (!grant.binding || this.#leavesUnits(signature, grant)) continue;
      if (grant.promisedAtMs <= nowMs) return Number.NEGATIVE_INFINITY;
      goneBy = Math.min(goneBy, grant.promisedAtMs);
    }
    return goneBy;
  }

  /** The same for a run that asks for one unit of the common pool and nothing else: a bound for all runs. */
  commonGoneByMs(nowMs: number): number {
    const { commonPool } = this.#tables;
    if (commonPool < 0) return Number.POSITIVE_INFINITY;
    const free = this.#ledger.freeOf(commonPool);
    let goneBy = Number.POSITIVE_INFINITY;
    for (const grant of this.#standing) {
      if (!grant.binding || grant.promisedAtMs <= nowMs || free >= 1 + this.#commonUnits(grant.signature))
        continue;
      goneBy = Math.min(goneBy, grant.promisedAtMs);
    }
    return goneBy;
  }

  #commonUnits(signature: number): number {
    const { signatures, commonPool } = this.#tables;
    for (
      let i = signatures.offset[signature] as number;
      i < (signatures.offset[signature + 1] as number);
      i += 1
    ) {
      if (signatures.pool[i] === commonPool) return signatures.units[i] as number;
    }
    return 0;
  }

  get standing(): readonly StandingGrant[] {
    return this.#standing;
  }

  isGranted(run: number): boolean {
    for (const grant of this.#standing) if (grant.run === run) return true;
    return false;
  }

  advance(nowMs: number): void {
    if (nowMs >= this.#nextDueMs) this.#reserveDue(nowMs);
  }

  /** The oldest granted run that may start now, or -1. */
  startable(nowMs: number): number {
    for (let i = 0; i < this.#standing.length; i += 1) {
      const grant = this.#standing[i] as StandingGrant;
      if (!grant.binding || !this.#ledger.fits(grant.signature)) continue;
      if (this.#waiting.headOf(this.#tables.runClass[grant.run] as number) !== grant.run) continue;
      if (!this.#ledger.underCaps(grant.tenant, grant.signature)) continue;
      if (this.harmed(grant.run, nowMs, i) === null) return grant.run;
    }
    return -1;
  }

  /** The first of the `older` oldest grants that a start of the run would harm, or null. All grants by default. */
  harmed(run: number, nowMs: number, older = this.#standing.length): StandingGrant | null {
    const tenant = this.#tables.runTenant[run] as number;
    const signature = this.#tables.runSignature[run] as number;
    const goneAtMs = nowMs + (this.#tables.p90Ms[run] as number);
    for (let i = 0; i < older; i += 1) {
      const grant = this.#standing[i] as StandingGrant;
      if (!grant.binding || (nowMs < grant.promisedAtMs && goneAtMs <= grant.promisedAtMs)) continue;
      if (!this.#leavesShare(tenant, signature, grant)) return grant;
    }
    return null;
  }

  /** The granted run has started. */
  remove(run: number, nowMs: number): void {
    this.#standing = this.#standing.filter((grant) => grant.run !== run);
    this.#quietSince = -1;
    this.#reserveDue(nowMs);
  }

  /** Whether `give` has nothing to give, because nothing has changed that could matter since it looked. */
  isQuiet(): boolean {
    return this.#quietSince === this.#waiting.changes;
  }

  /** Gives what may be given now; only after everything that fits has started. */
  give(nowMs: number, active: ActiveSet): void {
    const { maxGrants } = this.#tables;
    const wide = this.#waiting.wideOverdue;
    this.#quietSince = this.#cappedTenants ? -1 : this.#waiting.changes;
    // Only the oldest few are looked at, so the cost does not grow with how many are overdue.
    const looked = Math.min(maxGrants, wide.length);
    for (let i = 0; i < looked && this.#standing.length < maxGrants; i += 1) {
      const c = wide[i] as number;
      const run = this.#waiting.headOf(c);
      if (this.isGranted(run) || this.#hasOlderRival(c)) continue;
      this.#grant(run, nowMs, active);
    }
  }

  #grant(run: number, nowMs: number, active: ActiveSet): void {
    const at = this.#promises.promisedAtMs({ active, earlier: this.#standing, run, nowMs });
    if (at === null) {
      // What keeps it from a promise is not ours, so any event may change that.
      this.#quietSince = -1;
      return;
    }
    const place = this.#classOf(run);
    assert(place.binding, 'a grant was given to a run of a stalled class');
    this.#standing = [...this.#standing, { run, ...place, grantedAtMs: nowMs, promisedAtMs: at }].sort(
      byGrantAge,
    );
    this.#reserveDue(nowMs);
  }

  /** Once the rival starts it is worth looking again. */
  #hasOlderRival(c: number): boolean {
    const rival = this.#rivals.olderThan(c, this.#isGranted);
    if (rival < 0) return false;
    this.#waiting.watch(rival);
    return true;
  }

  /** After the start the grant's units would still be free, and so would its room under its tenant's caps. */
  #leavesShare(tenant: number, signature: number, grant: StandingGrant): boolean {
    if (!this.#leavesUnits(signature, grant)) return false;
    return (
      tenant !== grant.tenant ||
      this.#tables.tenantCapped[tenant] === 0 ||
      this.#leavesCapRoom(signature, grant)
    );
  }

  #leavesUnits(signature: number, grant: StandingGrant): boolean {
    this.#ledger.copyFree(this.#room);
    return leaves(this.#tables, signature, grant.signature, this.#room);
  }

  #leavesCapRoom(signature: number, grant: StandingGrant): boolean {
    const room = this.#room;
    for (let pool = 0; pool < room.length; pool += 1) room[pool] = this.#ledger.capRoom(grant.tenant, pool);
    return leaves(this.#tables, signature, grant.signature, room);
  }

  #classOf(run: number): { tenant: number; signature: number; binding: boolean } {
    const { runTenant, runSignature, runClass, classStalled } = this.#tables;
    return {
      tenant: runTenant[run] as number,
      signature: runSignature[run] as number,
      binding: classStalled[runClass[run] as number] === 0,
    };
  }

  /** Other grants stand now, or one is due: from its promise on its units are out of sight for everyone else. */
  #reserveDue(nowMs: number): void {
    const { signatures, poolNames } = this.#tables;
    const most = this.#due.fill(0);
    this.count = this.#standing.length;
    this.#nextDueMs = Number.POSITIVE_INFINITY;
    for (const grant of this.#standing) {
      if (!grant.binding) continue;
      if (grant.promisedAtMs > nowMs) {
        this.#nextDueMs = Math.min(this.#nextDueMs, grant.promisedAtMs);
        continue;
      }
      for (
        let i = signatures.offset[grant.signature] as number;
        i < (signatures.offset[grant.signature + 1] as number);
        i += 1
      ) {
        const pool = signatures.pool[i] as number;
        most[pool] = Math.max(most[pool] as number, signatures.units[i] as number);
      }
    }
    for (let pool = 0; pool < poolNames.length; pool += 1) this.#ledger.reserve(pool, most[pool] as number);
  }
}

/** Whether both vectors fit together wherever both ask. */
function leaves({ signatures }: Tables, a: number, b: number, room: Float64Array): boolean {
  const { offset, pool, units } = signatures;
  const toA = offset[a + 1] as number;
  const toB = offset[b + 1] as number;
  for (let i = offset[a] as number; i < toA; i += 1) {
    const p = pool[i] as number;
    for (let j = offset[b] as number; j < toB; j += 1) {
      if (pool[j] === p && (room[p] as number) < (units[i] as number) + (units[j] as number)) return false;
    }
  }
  return true;
}
