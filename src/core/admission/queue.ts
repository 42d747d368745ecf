/**
 * The admission queue: the one incremental structure behind the controller's decisions and
 * every replication of a forecast. Events go in (arrive, end, time passing), starts come out.
 *
 * Always true: after `next()` has returned -1 and `give()` was called, calling them again
 * without a new event changes nothing. Cost per start depends on tenants and classes, never
 * on how many runs wait.
 *
 * The order (docs/adr, admission order): granted runs first, oldest grant first; then by
 * level (0 for the highest priority and for whoever is overdue), share, held since, id.
 */
import { Grants } from './grants.ts';
import { Ledger } from './ledger.ts';
import type { ActiveSet } from './promise.ts';
import type { Tables } from './tables.ts';
import { Waiting } from './waiting.ts';

export class AdmissionQueue implements ActiveSet {
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly waiting: Waiting;
  readonly grants: Grants;
  nowMs: number;
  count = 0;
  readonly runs: Int32Array;
  readonly startedAtMs: Float64Array;
  readonly #placeOf: Int32Array;
  /** The best candidate so far, while selecting. */
  #best = -1;
  #bestShare = 0;

  constructor(tables: Tables) {
    this.tables = tables;
    const runCount = tables.heldCount + tables.activeCount;
    this.runs = new Int32Array(runCount);
    this.startedAtMs = new Float64Array(runCount);
    this.#placeOf = new Int32Array(runCount);
    this.ledger = new Ledger(tables);
    this.waiting = new Waiting(tables);
    this.grants = new Grants(tables, this.ledger, this.waiting);
    this.nowMs = tables.nowMs;
    this.reset();
  }

  /** Back to the snapshot; held runs from after `presentUntilMs` have not arrived yet. */
  reset(presentUntilMs = Number.POSITIVE_INFINITY): void {
    const { tables } = this;
    this.nowMs = tables.nowMs;
    this.count = 0;
    this.ledger.reset();
    this.waiting.reset();
    const runCount = tables.heldCount + tables.activeCount;
    for (let run = tables.heldCount; run < runCount; run += 1)
      this.#occupy(run, tables.sinceMs[run] as number);
    for (let run = 0; run < tables.heldCount; run += 1) {
      if ((tables.sinceMs[run] as number) <= presentUntilMs) this.arrive(run);
    }
    this.grants.reset(this.nowMs);
    this.advance(this.nowMs);
  }

  /** Time passes; it never goes back. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.waiting.nextTimerMs() <= nowMs) this.waiting.advance(nowMs);
    this.grants.advance(nowMs);
  }

  arrive(run: number): void {
    this.waiting.arrive(this.tables.runClass[run] as number);
  }

  end(run: number): void {
    const place = this.#placeOf[run] as number;
    this.count -= 1;
    const last = this.runs[this.count] as number;
    this.runs[place] = last;
    this.#placeOf[last] = place;
    this.ledger.release(this.tables.runTenant[run] as number, this.tables.runSignature[run] as number);
  }

  /** Starts the run that goes next and returns it; -1 when nothing more may start now. */
  next(): number {
    if (this.tables.paused) return -1;
    // With a patience of 0 the next of a class is overdue the moment the one before it starts.
    if (this.waiting.nextTimerMs() <= this.nowMs) this.waiting.advance(this.nowMs);
    if (this.grants.standing.length > 0) {
      const granted = this.grants.startable(this.nowMs);
      if (granted >= 0) {
        this.#start(granted);
        this.grants.remove(granted, this.nowMs);
        return granted;
      }
    }
    const run = this.#select();
    if (run >= 0) this.#start(run);
    return run;
  }

  give(): void {
    if (this.waiting.wideOverdue.length > 0 && !this.tables.paused) this.grants.give(this.nowMs, this);
  }

  #start(run: number): void {
    this.waiting.takeHead(this.tables.runClass[run] as number, this.nowMs);
    this.#occupy(run, this.nowMs);
  }

  #occupy(run: number, sinceMs: number): void {
    this.startedAtMs[run] = sinceMs;
    this.#placeOf[run] = this.count;
    this.runs[this.count] = run;
    this.count += 1;
    this.ledger.occupy(this.tables.runTenant[run] as number, this.tables.runSignature[run] as number);
  }

  /** The first run in order that fits every pool and cap and harms no grant, or -1. */
  #select(): number {
    const { commonPool, rankCount } = this.tables;
    const { free, reserved } = this.ledger;
    if (commonPool >= 0 && (free[commonPool] as number) - (reserved[commonPool] as number) < 1) return -1;
    for (let level = 0; level < rankCount; level += 1) {
      const run = this.#selectAtLevel(level);
      if (run >= 0) return run;
    }
    return -1;
  }

  #selectAtLevel(level: number): number {
    const words = this.tables.signatures.words;
    const { levelBits } = this.waiting;
    const { admissible } = this.ledger;
    this.#best = -1;
    this.#bestShare = Number.POSITIVE_INFINITY;
    for (let word = 0; word < words; word += 1) {
      const open = (levelBits[level * words + word] as number) & (admissible[word] as number);
      if (open !== 0) this.#selectInWord(level, word, open);
    }
    return this.#best;
  }

  #selectInWord(level: number, word: number, open: number): void {
    const { tables, ledger, waiting } = this;
    const words = tables.signatures.words;
    const tenants = tables.tenantNames.length;
    const pools = tables.poolNames.length;
    const { commonPool } = tables;
    const { tenantBits } = waiting;
    const { share } = ledger;
    const row = level * tenants;
    for (let tenant = 0; tenant < tenants; tenant += 1) {
      let bits = (tenantBits[(row + tenant) * words + word] as number) & open;
      if (bits === 0) continue;
      // No class of the tenant has less than its share of the pool that all of them ask for.
      if (commonPool >= 0 && (share[tenant * pools + commonPool] as number) > this.#bestShare) continue;
      while (bits !== 0) {
        const lowest = bits & -bits;
        bits ^= lowest;
        this.#consider(level, tenant, (word << 5) + 31 - Math.clz32(lowest));
      }
    }
  }

  #consider(level: number, tenant: number, signature: number): void {
    const { tables, ledger, waiting } = this;
    const share = ledger.shareOf(tenant, signature);
    if (share > this.#bestShare || !ledger.underCaps(tenant, signature)) return;
    const ranks = tables.rankCount;
    const pair = (tenant * tables.signatures.count + signature) * ranks;
    // At the top level the overdue of every rank stand beside those of the highest.
    const lastRank = level === 0 ? ranks - 1 : level;
    for (let rank = level; rank <= lastRank; rank += 1) {
      const c = tables.classAt[pair + rank] as number;
      if (c < 0 || (level === 0 && rank > 0 && waiting.overdue[c] === 0)) continue;
      const run = waiting.headOf(c);
      if (run < 0 || (share === this.#bestShare && this.#best >= 0 && run > this.#best)) continue;
      if (this.grants.standing.length > 0 && this.#isBarred(run)) continue;
      this.#best = run;
      this.#bestShare = share;
    }
  }

  #isBarred(run: number): boolean {
    return this.grants.isGranted(run) || this.grants.harmed(run, this.nowMs) !== null;
  }
}
