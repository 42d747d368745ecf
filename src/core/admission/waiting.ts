/**
 * Who waits: the head of every class and the level it stands at, kept so that
 * the next run is found without looking at every class.
 *
 * Always true: a class that has a head stands at exactly one level (its rank, or 0 while it
 * is overdue), unless it is stalled: then it stands at none, as nothing of it may start.
 */
import { Level, type Standing } from './level.ts';
import type { Tables } from './tables.ts';
import { TimerHeap } from './timer-heap.ts';
import { TimerLine } from './timer-line.ts';

const NO_LEVEL = -1;

export class Waiting implements Standing {
  readonly #tables: Tables;
  readonly levels: readonly Level[];
  /** By class: where it stands, or -1. */
  readonly levelOf: Int8Array;
  /** The first waiting run of each class, or -1. */
  readonly heads: Int32Array;
  readonly commonShare: Float64Array;
  /** Places in classRuns: the head, and where the arrived runs of the class end. */
  readonly #place: Int32Array;
  readonly #tail: Int32Array;
  readonly lastStartMs: Float64Array;
  readonly overdue: Uint8Array;
  /** Since when, where `overdue` is 1. */
  readonly overdueSinceMs: Float64Array;
  /** Counts what may change who is an older rival of whom: see grants. */
  changes = 0;
  /** Overdue times: of one patience they are set in order, but for those of the snapshot. */
  readonly #lines: readonly TimerLine[];
  readonly #early: TimerHeap;
  #nextTimerMs = Number.POSITIVE_INFINITY;
  /** Overdue classes that ask for several scarce pools or units, longest overdue first. */
  readonly wideOverdue: number[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
    this.levelOf = new Int8Array(tables.classCount);
    this.heads = new Int32Array(tables.classCount);
    this.commonShare = new Float64Array(tables.tenantNames.length);
    this.levels = Array.from({ length: tables.rankCount }, (_, level) => new Level(tables, level, this));
    this.#place = new Int32Array(tables.classCount);
    this.#tail = new Int32Array(tables.classCount);
    this.lastStartMs = new Float64Array(tables.classCount);
    this.overdue = new Uint8Array(tables.classCount);
    this.overdueSinceMs = new Float64Array(tables.classCount);
    this.#early = new TimerHeap(tables.classCount);
    // Each arrival and each start sets at most one.
    this.#lines = Array.from({ length: tables.rankCount }, () => new TimerLine(2 * tables.heldCount));
  }

  /** Nobody has arrived yet, and no tenant uses anything. */
  reset(): void {
    const { classOffset, classCount, classLastStartMs } = this.#tables;
    for (let c = 0; c < classCount; c += 1) {
      this.#place[c] = classOffset[c] as number;
      this.#tail[c] = classOffset[c] as number;
    }
    this.levelOf.fill(NO_LEVEL);
    this.heads.fill(-1);
    this.lastStartMs.set(classLastStartMs);
    this.overdue.fill(0);
    this.#early.clear();
    for (const line of this.#lines) line.clear();
    this.#nextTimerMs = Number.POSITIVE_INFINITY;
    this.wideOverdue.length = 0;
    this.commonShare.fill(0);
    for (const level of this.levels) level.reset();
  }

  headOf(c: number): number {
    return this.heads[c] as number;
  }

  waitingIn(c: number): number {
    return (this.#tail[c] as number) - (this.#place[c] as number);
  }

  /** The instant from which the head of the class is overdue; Infinity for never, or without a head. */
  overdueAtMs(c: number): number {
    const head = this.heads[c] as number;
    if (head < 0) return Number.POSITIVE_INFINITY;
    const tables = this.#tables;
    const since = Math.max(tables.sinceMs[head] as number, this.lastStartMs[c] as number);
    return since + (tables.patienceMs[tables.classRank[c] as number] as number);
  }

  /** The next run of the class joins. Runs of a class arrive in their order. */
  arrive(c: number): void {
    const tail = this.#tail[c] as number;
    this.#tail[c] = tail + 1;
    if (this.#place[c] !== tail) return;
    this.heads[c] = this.#tables.classRuns[tail] as number;
    if (this.#tables.classStalled[c] === 1) return;
    this.levelOf[c] = this.#tables.classRank[c] as number;
    this.#touch(c, this.levelOf[c] as number);
    this.#setTimer(c);
  }

  /** The head of the class starts. */
  takeHead(c: number, nowMs: number): void {
    const tables = this.#tables;
    const place = (this.#place[c] as number) + 1;
    const level = this.levelOf[c] as number;
    const empty = place === this.#tail[c];
    this.#place[c] = place;
    this.heads[c] = empty ? -1 : (tables.classRuns[place] as number);
    this.lastStartMs[c] = nowMs;
    if (this.overdue[c] === 1) {
      this.overdue[c] = 0;
      this.changes += 1;
      if (tables.signatures.wide[tables.classSignature[c] as number] === 1) this.#forgetWide(c);
    }
    const nextLevel = empty ? NO_LEVEL : (tables.classRank[c] as number);
    this.levelOf[c] = nextLevel;
    this.#touch(c, level);
    if (empty) return;
    if (nextLevel !== level) this.#touch(c, nextLevel);
    this.#setTimer(c);
  }

  /** The tenant's share of the common pool is another now. */
  reshare(tenant: number, share: number): void {
    this.commonShare[tenant] = share;
    for (const level of this.levels) level.reshare(tenant);
  }

  /** No head becomes overdue before this; Infinity if none will. */
  nextTimerMs(): number {
    return this.#nextTimerMs;
  }

  /** Moves every head that is overdue by now to the top level. */
  advance(nowMs: number): void {
    const early = this.#early;
    while (early.topTime() <= nowMs) {
      const dueMs = early.topTime();
      this.#fire(early.pop(), dueMs);
    }
    let nextMs = early.topTime();
    for (const line of this.#lines) {
      for (let dueMs = line.topTime(); dueMs <= nowMs; dueMs = line.topTime()) {
        const c = line.topItem();
        line.drop();
        this.#fire(c, dueMs);
      }
      nextMs = Math.min(nextMs, line.topTime());
    }
    this.#nextTimerMs = nextMs;
  }

  /** A timer of a head that has started since then is none any more. */
  #fire(c: number, dueMs: number): void {
    if (this.overdue[c] === 0 && this.overdueAtMs(c) === dueMs) this.#becomeOverdue(c, dueMs);
  }

  #becomeOverdue(c: number, sinceMs: number): void {
    const level = this.levelOf[c] as number;
    this.overdue[c] = 1;
    this.overdueSinceMs[c] = sinceMs;
    if (level !== 0) {
      this.levelOf[c] = 0;
      this.#touch(c, level);
      this.#touch(c, 0);
    }
    if (this.#tables.signatures.wide[this.#tables.classSignature[c] as number] === 1) this.#rememberWide(c);
  }

  #setTimer(c: number): void {
    const dueMs = this.overdueAtMs(c);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const line = this.#lines[this.#tables.classRank[c] as number] as TimerLine;
    if (line.takes(dueMs)) line.push(dueMs, c);
    else this.#early.push(dueMs, c);
    if (dueMs < this.#nextTimerMs) this.#nextTimerMs = dueMs;
  }

  #rememberWide(c: number): void {
    const list = this.wideOverdue;
    let at = list.length;
    while (at > 0 && this.isOlder(c, list[at - 1] as number)) at -= 1;
    list.splice(at, 0, c);
    this.changes += 1;
  }

  #forgetWide(c: number): void {
    const at = this.wideOverdue.indexOf(c);
    if (at >= 0) this.wideOverdue.splice(at, 1);
  }

  /** Whether the head of a has been overdue for longer than that of b, which both are; ties by who waits longer. */
  isOlder(a: number, b: number): boolean {
    const sinceA = this.overdueSinceMs[a] as number;
    const sinceB = this.overdueSinceMs[b] as number;
    return sinceA < sinceB || (sinceA === sinceB && (this.heads[a] as number) < (this.heads[b] as number));
  }

  #touch(c: number, level: number): void {
    (this.levels[level] as Level).touch(this.#tables.classTenant[c] as number);
  }
}
