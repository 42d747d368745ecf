/**
 * Who waits: the head of every class and the level it stands at, kept so that
 * the next run is found without looking at every class.
 *
 * Always true: a class that has a head stands at exactly one level (its rank, or 0 while it
 * is overdue), unless it is stalled: then it stands at none, as nothing of it may start.
 */
import { IdleHeads } from './idle-heads.ts';
import type { Ledger } from './ledger.ts';
import { Level } from './level.ts';
import type { Tables } from './tables.ts';
import { TimerHeap } from './timer-heap.ts';
import { TimerLine } from './timer-line.ts';

const NO_LEVEL = -1;
const NEVER = 0;
const NARROW = 1;
const WIDE = 2;

export class Waiting {
  readonly #tables: Tables;
  readonly levels: readonly Level[];
  readonly idleHeads: IdleHeads | null;
  /** By class: where it stands, or -1. */
  readonly levelOf: Int8Array;
  /** The first waiting run of each class, or -1. */
  readonly heads: Int32Array;
  /** Places in classRuns: the head, and where the arrived runs of the class end. */
  readonly #place: Int32Array;
  readonly #tail: Int32Array;
  readonly #lastStartMs: Float64Array;
  /** By class: the instant from which its head is overdue; Infinity for never, or without a head. */
  readonly overdueMs: Float64Array;
  /** 1 where somebody wants to know that the head has started: then `changes` counts it. */
  readonly watched: Uint8Array;
  /** Counts starts of watched heads, and changes of `wideOverdue`. */
  changes = 0;
  /** By class: whether its becoming overdue has to be noticed, and why. */
  readonly #timing: Uint8Array;
  /** Overdue times by rank: of one patience they are set in order, but for those of the snapshot. */
  readonly #lines: readonly TimerLine[];
  readonly #early: TimerHeap;
  readonly #wideTimers: TimerHeap;
  #nextTimerMs = Number.POSITIVE_INFINITY;
  #heldAhead = false;
  /** Overdue classes that ask for several scarce pools or units, longest overdue first. */
  readonly wideOverdue: number[] = [];

  /** @param fewTenants with no more tenants than this, looking at each idle one costs less than keeping their heads in order */
  constructor(tables: Tables, ledger: Ledger, fewTenants: number) {
    this.#tables = tables;
    this.levelOf = new Int8Array(tables.classCount);
    this.heads = new Int32Array(tables.classCount);
    const many = tables.tenantNames.length > fewTenants && tables.commonPool >= 0;
    this.idleHeads = many ? new IdleHeads(tables, ledger, this) : null;
    this.levels = Array.from(
      { length: tables.rankCount },
      (_, rank) => new Level(tables, rank, this.idleHeads),
    );
    this.#place = new Int32Array(tables.classCount);
    this.#tail = new Int32Array(tables.classCount);
    this.#lastStartMs = new Float64Array(tables.classCount);
    this.overdueMs = new Float64Array(tables.classCount);
    this.watched = new Uint8Array(tables.classCount);
    this.#timing = timings(tables);
    this.#early = new TimerHeap(tables.classCount);
    this.#wideTimers = new TimerHeap(tables.classCount);
    // Each arrival and each start sets at most one.
    this.#lines = runsByRank(tables).map((runs) => new TimerLine(2 * runs));
  }

  /** Nobody has arrived yet. @param heldAhead whether some will that are held since an instant still to come */
  reset(heldAhead: boolean): void {
    this.#heldAhead = heldAhead;
    const { classOffset, classCount, classLastStartMs } = this.#tables;
    for (let c = 0; c < classCount; c += 1) {
      this.#place[c] = classOffset[c] as number;
      this.#tail[c] = classOffset[c] as number;
    }
    this.levelOf.fill(NO_LEVEL);
    this.heads.fill(-1);
    this.#lastStartMs.set(classLastStartMs);
    this.overdueMs.fill(Number.POSITIVE_INFINITY);
    this.watched.fill(0);
    this.#early.clear();
    this.#wideTimers.clear();
    for (const line of this.#lines) line.clear();
    this.#nextTimerMs = Number.POSITIVE_INFINITY;
    this.wideOverdue.length = 0;
    for (const level of this.levels) level.reset();
    this.idleHeads?.reset();
  }

  headOf(c: number): number {
    return this.heads[c] as number;
  }

  waitingIn(c: number): number {
    return (this.#tail[c] as number) - (this.#place[c] as number);
  }

  /** The next run of the class joins. Runs of a class arrive in their order. */
  arrive(c: number): void {
    const tail = this.#tail[c] as number;
    this.#tail[c] = tail + 1;
    if (this.#place[c] !== tail) return;
    this.heads[c] = this.#tables.classRuns[tail] as number;
    if (this.#tables.classStalled[c] === 1) return;
    const rank = this.#tables.classRank[c] as number;
    this.levelOf[c] = rank;
    (this.levels[rank] as Level).add(this.#tables.classTenant[c] as number, this.heads[c] as number);
    this.#setTimer(c, this.#latest(c, this.#lastStartMs[c] as number));
  }

  /** The tenant uses nothing any more. */
  becomeIdle(tenant: number): void {
    if (this.idleHeads === null) return;
    for (const level of this.levels) level.becomeIdle(tenant);
  }

  /** The head of the class starts. */
  takeHead(c: number, nowMs: number): void {
    const tables = this.#tables;
    const place = (this.#place[c] as number) + 1;
    const level = this.levelOf[c] as number;
    const rank = tables.classRank[c] as number;
    const tenant = tables.classTenant[c] as number;
    const head = this.heads[c] as number;
    this.#place[c] = place;
    this.#lastStartMs[c] = nowMs;
    if (this.watched[c] === 1) {
      this.watched[c] = 0;
      this.changes += 1;
    }
    if (this.#timing[c] === WIDE) this.#forgetWide(c);
    if (place === this.#tail[c]) {
      this.heads[c] = -1;
      this.overdueMs[c] = Number.POSITIVE_INFINITY;
      this.levelOf[c] = NO_LEVEL;
      (this.levels[level] as Level).remove(tenant, head);
      return;
    }
    const next = tables.classRuns[place] as number;
    this.heads[c] = next;
    this.levelOf[c] = rank;
    if (rank === level) (this.levels[level] as Level).replace(tenant, head, next);
    else {
      (this.levels[level] as Level).remove(tenant, head);
      (this.levels[rank] as Level).add(tenant, next);
    }
    this.#setTimer(c, this.#heldAhead ? this.#latest(c, nowMs) : nowMs);
  }

  /** That instant, or when the head of the class was held if that is later. */
  #latest(c: number, instantMs: number): number {
    return Math.max(this.#tables.sinceMs[this.heads[c] as number] as number, instantMs);
  }

  /** No head that has to be noticed becomes overdue before this; Infinity if none will. */
  nextTimerMs(): number {
    return this.#nextTimerMs;
  }

  /** When the next wide head may become overdue: only such a one can change a decision that nothing else changes. */
  nextWideTimerMs(): number {
    return this.#wideTimers.topTime();
  }

  /** Moves every head that is overdue by now to the top level. */
  advance(nowMs: number): void {
    const nextMs = Math.min(this.#fire(this.#early, nowMs), this.#fire(this.#wideTimers, nowMs));
    this.#nextTimerMs = nextMs;
    for (let rank = 1; rank < this.#lines.length; rank += 1) {
      const line = this.#lines[rank] as TimerLine;
      for (let dueMs = line.topTime(); dueMs <= nowMs; dueMs = line.topTime()) {
        const c = line.topItem();
        line.drop();
        this.#becomeOverdue(c, dueMs);
      }
      if (line.topTime() < this.#nextTimerMs) this.#nextTimerMs = line.topTime();
    }
  }

  #fire(timers: TimerHeap, nowMs: number): number {
    for (let dueMs = timers.topTime(); dueMs <= nowMs; dueMs = timers.topTime()) {
      this.#becomeOverdue(timers.pop(), dueMs);
    }
    return timers.topTime();
  }

  /** A timer of a head that has started since then is none any more. */
  #becomeOverdue(c: number, dueMs: number): void {
    if (this.overdueMs[c] !== dueMs) return;
    const level = this.levelOf[c] as number;
    if (level !== 0) {
      const tenant = this.#tables.classTenant[c] as number;
      const head = this.heads[c] as number;
      this.levelOf[c] = 0;
      (this.levels[level] as Level).remove(tenant, head);
      (this.levels[0] as Level).add(tenant, head);
    }
    if (this.#timing[c] === WIDE) this.#rememberWide(c);
  }

  /** There is a new head. @param sinceMs from when its patience counts */
  #setTimer(c: number, sinceMs: number): void {
    const rank = this.#tables.classRank[c] as number;
    const dueMs = sinceMs + (this.#tables.patienceMs[rank] as number);
    const timing = this.#timing[c] as number;
    this.overdueMs[c] = dueMs;
    if (timing === NEVER) return;
    if (dueMs < this.#nextTimerMs) this.#nextTimerMs = dueMs;
    if (timing === WIDE) {
      this.#wideTimers.push(dueMs, c);
      return;
    }
    const line = this.#lines[rank] as TimerLine;
    if (line.takes(dueMs)) line.push(dueMs, c);
    else this.#early.push(dueMs, c);
  }

  #rememberWide(c: number): void {
    const list = this.wideOverdue;
    if (list.includes(c)) return;
    let at = list.length;
    while (at > 0 && this.#isOlder(c, list[at - 1] as number)) at -= 1;
    list.splice(at, 0, c);
    this.changes += 1;
  }

  #forgetWide(c: number): void {
    const at = this.wideOverdue.indexOf(c);
    if (at < 0) return;
    this.wideOverdue.splice(at, 1);
    this.changes += 1;
  }

  /** Whether the head of a becomes overdue before that of b; ties by who waits longer. */
  #isOlder(a: number, b: number): boolean {
    const aMs = this.overdueMs[a] as number;
    const bMs = this.overdueMs[b] as number;
    return aMs < bMs || (aMs === bMs && (this.heads[a] as number) < (this.heads[b] as number));
  }
}

/**
 * An overdue head of the highest rank stands where it stood before, so that need not be
 * noticed: whether it is overdue can be computed. But wide heads may be given a grant then.
 */
function timings(tables: Tables): Uint8Array {
  const { classRank, classSignature, classStalled, patienceMs, signatures, maxGrants } = tables;
  return Uint8Array.from(classRank, (rank, c) => {
    if (classStalled[c] === 1 || patienceMs[rank] === Number.POSITIVE_INFINITY) return NEVER;
    if (maxGrants > 0 && signatures.wide[classSignature[c] as number] === 1) return WIDE;
    return rank > 0 ? NARROW : NEVER;
  });
}

function runsByRank({ rankCount, classCount, classRank, classOffset }: Tables): number[] {
  const runs = Array.from({ length: rankCount }, () => 0);
  for (let c = 0; c < classCount; c += 1) {
    const rank = classRank[c] as number;
    runs[rank] = (runs[rank] as number) + (classOffset[c + 1] as number) - (classOffset[c] as number);
  }
  return runs;
}
