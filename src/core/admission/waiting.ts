/**
 * Who waits: the head of every class, the level it stands at, and bit sets that find the
 * classes of a level without looking at the others.
 *
 * Always true: a class that has a head has its bit set at exactly one level (its rank, or 0
 * while it is overdue), unless it is stalled: then it has none, as nothing of it may start.
 */
import type { Tables } from './tables.ts';
import { TimerHeap } from './timer-heap.ts';

export class Waiting {
  readonly #tables: Tables;
  readonly #words: number;
  readonly #tenants: number;
  /** Next run of each class: an index into classRuns, and where its arrived runs end. */
  readonly #head: Int32Array;
  readonly #tail: Int32Array;
  readonly lastStartMs: Float64Array;
  readonly overdue: Uint8Array;
  /** Bits by ((level * tenants) + tenant) * words + word. */
  readonly tenantBits: Int32Array;
  /** Bits by level * words + word: some tenant has it. */
  readonly levelBits: Int32Array;
  /** Classes behind each (level, signature) and each (level, tenant, signature at level 0). */
  readonly #levelCount: Int32Array;
  readonly #pairCount: Uint8Array;
  readonly #timers: TimerHeap;
  readonly #timed: Uint8Array;
  /** Overdue classes that ask for several scarce pools or units, longest overdue first. */
  readonly wideOverdue: number[] = [];

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#words = tables.signatures.words;
    this.#tenants = tables.tenantNames.length;
    this.#head = new Int32Array(tables.classCount);
    this.#tail = new Int32Array(tables.classCount);
    this.lastStartMs = new Float64Array(tables.classCount);
    this.overdue = new Uint8Array(tables.classCount);
    this.tenantBits = new Int32Array(tables.rankCount * this.#tenants * this.#words);
    this.levelBits = new Int32Array(tables.rankCount * this.#words);
    this.#levelCount = new Int32Array(tables.rankCount * tables.signatures.count);
    this.#pairCount = new Uint8Array(this.#tenants * tables.signatures.count);
    this.#timers = new TimerHeap(tables.classCount);
    this.#timed = new Uint8Array(tables.classCount);
  }

  /** Nobody has arrived yet. */
  reset(): void {
    const { classOffset, classCount, classLastStartMs } = this.#tables;
    for (let c = 0; c < classCount; c += 1) {
      this.#head[c] = classOffset[c] as number;
      this.#tail[c] = classOffset[c] as number;
    }
    this.lastStartMs.set(classLastStartMs);
    this.overdue.fill(0);
    this.tenantBits.fill(0);
    this.levelBits.fill(0);
    this.#levelCount.fill(0);
    this.#pairCount.fill(0);
    this.#timers.clear();
    this.#timed.fill(0);
    this.wideOverdue.length = 0;
  }

  /** The first waiting run of a class, or -1. */
  headOf(c: number): number {
    const head = this.#head[c] as number;
    return head < (this.#tail[c] as number) ? (this.#tables.classRuns[head] as number) : -1;
  }

  waitingIn(c: number): number {
    return (this.#tail[c] as number) - (this.#head[c] as number);
  }

  /** The instant from which the head of the class is overdue; Infinity for never, or without a head. */
  overdueAtMs(c: number): number {
    const head = this.headOf(c);
    if (head < 0) return Number.POSITIVE_INFINITY;
    const tables = this.#tables;
    const since = Math.max(tables.sinceMs[head] as number, this.lastStartMs[c] as number);
    return since + (tables.patienceMs[tables.classRank[c] as number] as number);
  }

  /** The next run of the class joins. Runs of a class arrive in their order. */
  arrive(c: number): void {
    this.#tail[c] = (this.#tail[c] as number) + 1;
    if (this.waitingIn(c) > 1 || this.#tables.classStalled[c] === 1) return;
    this.#setBit(c, this.#tables.classRank[c] as number, 1);
    this.#setTimer(c);
  }

  /** The head of the class starts. */
  takeHead(c: number, nowMs: number): void {
    const rank = this.#tables.classRank[c] as number;
    const wasOverdue = this.overdue[c] === 1;
    const level = wasOverdue ? 0 : rank;
    this.#head[c] = (this.#head[c] as number) + 1;
    this.lastStartMs[c] = nowMs;
    const empty = this.#head[c] === this.#tail[c];
    if (wasOverdue) {
      this.overdue[c] = 0;
      this.#forgetWide(c);
    }
    if (empty) this.#setBit(c, level, -1);
    else {
      if (level !== rank) {
        this.#setBit(c, level, -1);
        this.#setBit(c, rank, 1);
      }
      this.#setTimer(c);
    }
  }

  /** The next instant at which some head becomes overdue may not be before this; Infinity if none waits. */
  nextTimerMs(): number {
    return this.#timers.topTime();
  }

  /** Moves every head that is overdue by now to the top level. */
  advance(nowMs: number): void {
    const timers = this.#timers;
    while (timers.topTime() <= nowMs) {
      const c = timers.pop();
      this.#timed[c] = 0;
      const dueMs = this.overdueAtMs(c);
      if (dueMs <= nowMs) this.#becomeOverdue(c);
      else this.#setTimer(c);
    }
  }

  #becomeOverdue(c: number): void {
    const rank = this.#tables.classRank[c] as number;
    this.overdue[c] = 1;
    if (rank !== 0) {
      this.#setBit(c, rank, -1);
      this.#setBit(c, 0, 1);
    }
    if (this.#tables.signatures.wide[this.#tables.classSignature[c] as number] === 1) this.#rememberWide(c);
  }

  /** One timer a class; one that fires early (the class started since) is set again, so nothing is re-sorted. */
  #setTimer(c: number): void {
    if (this.#timed[c] === 1) return;
    const dueMs = this.overdueAtMs(c);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timed[c] = 1;
    this.#timers.push(dueMs, c);
  }

  #rememberWide(c: number): void {
    const list = this.wideOverdue;
    let at = list.length;
    while (at > 0 && this.isOlder(c, list[at - 1] as number)) at -= 1;
    list.splice(at, 0, c);
  }

  #forgetWide(c: number): void {
    const at = this.wideOverdue.indexOf(c);
    if (at >= 0) this.wideOverdue.splice(at, 1);
  }

  /** Whether the head of a has been overdue for longer than that of b; ties by who waits longer. */
  isOlder(a: number, b: number): boolean {
    const dueA = this.overdueAtMs(a);
    const dueB = this.overdueAtMs(b);
    return dueA < dueB || (dueA === dueB && this.headOf(a) < this.headOf(b));
  }

  #setBit(c: number, level: number, step: 1 | -1): void {
    const { classTenant, classSignature, signatures } = this.#tables;
    const tenant = classTenant[c] as number;
    const s = classSignature[c] as number;
    const word = s >> 5;
    const bit = 1 << (s & 31);
    if (level === 0) {
      // Several ranks may stand at the top level for one tenant and signature.
      const pair = tenant * signatures.count + s;
      const count = (this.#pairCount[pair] as number) + step;
      this.#pairCount[pair] = count;
      if (step === 1 ? count > 1 : count > 0) return;
    }
    const tenantAt = (level * this.#tenants + tenant) * this.#words + word;
    const levelAt = level * this.#words + word;
    const countAt = level * signatures.count + s;
    const count = (this.#levelCount[countAt] as number) + step;
    this.#levelCount[countAt] = count;
    if (step === 1) {
      this.tenantBits[tenantAt] = (this.tenantBits[tenantAt] as number) | bit;
      if (count === 1) this.levelBits[levelAt] = (this.levelBits[levelAt] as number) | bit;
    } else {
      this.tenantBits[tenantAt] = (this.tenantBits[tenantAt] as number) & ~bit;
      if (count === 0) this.levelBits[levelAt] = (this.levelBits[levelAt] as number) & ~bit;
    }
  }
}
