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
import { NEVER, notices, OverdueTimers, WIDE } from './overdue-timers.ts';
import type { Tables } from './tables.ts';

/** What there is about a class, side by side, as it is needed together. */
const STRIDE = 8;
/** Place in classRuns of its head, and where its arrived runs end there. */
const PLACE = 0;
const END = 1;
/** Its first waiting run, or -1. */
const HEAD = 2;
/** Where it stands, or -1. */
const LEVEL = 3;
const RANK = 4;
const TENANT = 5;
const SIGNATURE = 6;
/** How its becoming overdue is noticed, and WATCHED where somebody wants to know that the head has started. */
const NOTICE = 7;
const WATCHED = 4;

/** The classes of which runs are there from the beginning, by their heads, and where those runs end. */
interface Present {
  readonly untilMs: number;
  readonly classes: Int32Array;
  readonly end: Int32Array;
}

export class Waiting {
  readonly #tables: Tables;
  readonly levels: readonly Level[];
  readonly idleHeads: IdleHeads | null;
  readonly #classes: Int32Array;
  /** By class: its last start, as far as the patience of a head still to come counts from it. */
  readonly #lastStartMs: Float64Array;
  /** By class: the instant from which its head is overdue; Infinity for never, or without a head. */
  readonly overdueMs: Float64Array;
  readonly timers: OverdueTimers;
  /** Counts starts of watched heads, and changes of `wideOverdue`. */
  changes = 0;
  /** Overdue classes that ask for several scarce pools or units, longest overdue first. */
  readonly wideOverdue: number[] = [];
  /** What was asked for last. */
  #present: Present | null = null;
  /** Where the same is asked for again and again, what makes everything so; before that null. */
  #restore: (() => void) | null = null;
  /** Whether a head may be held since an instant still to come. */
  #heldAhead = false;

  /** @param fewTenants with no more tenants than this, looking at each idle one costs less than keeping their heads in order */
  constructor(tables: Tables, ledger: Ledger, fewTenants: number) {
    this.#tables = tables;
    const many = tables.tenantNames.length > fewTenants && tables.commonPool >= 0;
    this.idleHeads = many ? new IdleHeads(tables, ledger, this) : null;
    this.levels = Array.from(
      { length: tables.rankCount },
      (_, rank) => new Level(tables, rank, this.idleHeads),
    );
    this.#classes = new Int32Array(tables.classCount * STRIDE);
    const notice = notices(tables);
    for (let c = 0; c < tables.classCount; c += 1) {
      this.#classes[c * STRIDE + RANK] = tables.classRank[c] as number;
      this.#classes[c * STRIDE + TENANT] = tables.classTenant[c] as number;
      this.#classes[c * STRIDE + SIGNATURE] = tables.classSignature[c] as number;
      this.#classes[c * STRIDE + NOTICE] = notice[c] as number;
    }
    this.#lastStartMs = new Float64Array(tables.classCount);
    this.overdueMs = new Float64Array(tables.classCount);
    this.timers = new OverdueTimers(tables, this.overdueMs);
  }

  /** Runs held since no later than that instant wait, and no others. */
  reset(presentUntilMs: number): void {
    this.wideOverdue.length = 0;
    if (this.#present?.untilMs !== presentUntilMs) {
      this.#present = presentAt(this.#tables, presentUntilMs);
      this.#restore = null;
      this.#build(this.#present);
    } else if (this.#restore === null) {
      this.#build(this.#present);
      this.#restore = this.#remember();
    } else this.#restore();
  }

  #build({ classes: present, end, untilMs }: Present): void {
    const tables = this.#tables;
    const last = tables.sinceMs[tables.heldCount - 1] ?? Number.NEGATIVE_INFINITY;
    this.#heldAhead = Math.min(last, untilMs) > tables.nowMs;
    this.#lastStartMs.set(tables.classLastStartMs);
    this.overdueMs.fill(Number.POSITIVE_INFINITY);
    this.timers.clear();
    for (const level of this.levels) level.reset();
    this.idleHeads?.reset();
    const classes = this.#classes;
    for (let c = 0; c < tables.classCount; c += 1) {
      const at = c * STRIDE;
      classes[at + PLACE] = tables.classOffset[c] as number;
      classes[at + END] = end[c] as number;
      classes[at + HEAD] = -1;
      classes[at + LEVEL] = -1;
      classes[at + NOTICE] = (classes[at + NOTICE] as number) & ~WATCHED;
    }
    for (let i = 0; i < present.length; i += 1) this.#begin(present[i] as number);
  }

  /** Returns what makes everything as it is now: copying is many times faster than to build it. */
  #remember(): () => void {
    const classes = this.#classes.slice();
    const overdueMs = this.overdueMs.slice();
    const parts = [...this.levels, this.timers].map((part) => part.remember());
    if (this.idleHeads !== null) parts.push(this.idleHeads.remember());
    return () => {
      this.#classes.set(classes);
      this.overdueMs.set(overdueMs);
      this.#lastStartMs.set(this.#tables.classLastStartMs);
      for (const restore of parts) restore();
    };
  }

  headOf(c: number): number {
    return this.#classes[c * STRIDE + HEAD] as number;
  }

  tenantOf(c: number): number {
    return this.#classes[c * STRIDE + TENANT] as number;
  }

  signatureOf(c: number): number {
    return this.#classes[c * STRIDE + SIGNATURE] as number;
  }

  waitingIn(c: number): number {
    return (this.#classes[c * STRIDE + END] as number) - (this.#classes[c * STRIDE + PLACE] as number);
  }

  /** Whether the run is the head of the class and stands at that level. */
  isHeadAt(c: number, level: number, run: number): boolean {
    return this.#classes[c * STRIDE + HEAD] === run && this.#classes[c * STRIDE + LEVEL] === level;
  }

  /** `changes` shall tell when the head of the class has started. */
  watch(c: number): void {
    const at = c * STRIDE + NOTICE;
    this.#classes[at] = (this.#classes[at] as number) | WATCHED;
  }

  /** The next run of the class joins. Runs of a class arrive in their order. */
  arrive(c: number): void {
    const classes = this.#classes;
    const at = c * STRIDE;
    const end = classes[at + END] as number;
    classes[at + END] = end + 1;
    if (classes[at + PLACE] === end) this.#begin(c);
  }

  /** The tenant uses nothing any more. */
  becomeIdle(tenant: number): void {
    if (this.idleHeads === null) return;
    for (const level of this.levels) level.becomeIdle(tenant);
  }

  /** The head of the class starts. */
  takeHead(c: number, nowMs: number): void {
    const classes = this.#classes;
    const at = c * STRIDE;
    const place = (classes[at + PLACE] as number) + 1;
    const head = classes[at + HEAD] as number;
    const tenant = classes[at + TENANT] as number;
    const level = this.levels[classes[at + LEVEL] as number] as Level;
    classes[at + PLACE] = place;
    let notice = classes[at + NOTICE] as number;
    if (notice >= WATCHED) {
      notice -= WATCHED;
      classes[at + NOTICE] = notice;
      this.changes += 1;
    }
    if (notice === WIDE) this.#forgetWide(c);
    if (place === classes[at + END]) {
      classes[at + HEAD] = -1;
      classes[at + LEVEL] = -1;
      this.overdueMs[c] = Number.POSITIVE_INFINITY;
      this.#lastStartMs[c] = nowMs;
      level.remove(tenant, head);
      return;
    }
    const next = this.#tables.classRuns[place] as number;
    const rank = classes[at + RANK] as number;
    classes[at + HEAD] = next;
    if (classes[at + LEVEL] === rank) level.replace(tenant, head, next);
    else {
      level.remove(tenant, head);
      classes[at + LEVEL] = rank;
      (this.levels[rank] as Level).add(tenant, next, classes[at + SIGNATURE] as number, c);
    }
    this.#setOverdue(c, this.#heldAhead ? Math.max(this.#tables.sinceMs[next] as number, nowMs) : nowMs);
  }

  /** Moves every head that is overdue by now to the top level. */
  advance(nowMs: number): void {
    const timers = this.timers;
    for (let c = timers.take(nowMs); c >= 0; c = timers.take(nowMs)) {
      if ((this.overdueMs[c] as number) <= nowMs) this.#becomeOverdue(c);
    }
  }

  /** The class has a head, and had none before. */
  #begin(c: number): void {
    const classes = this.#classes;
    const at = c * STRIDE;
    const head = this.#tables.classRuns[classes[at + PLACE] as number] as number;
    classes[at + HEAD] = head;
    if (this.#tables.classStalled[c] === 1) return;
    const rank = classes[at + RANK] as number;
    classes[at + LEVEL] = rank;
    (this.levels[rank] as Level).add(
      classes[at + TENANT] as number,
      head,
      classes[at + SIGNATURE] as number,
      c,
    );
    this.#setOverdue(c, Math.max(this.#tables.sinceMs[head] as number, this.#lastStartMs[c] as number));
  }

  #becomeOverdue(c: number): void {
    const classes = this.#classes;
    const at = c * STRIDE;
    const level = classes[at + LEVEL] as number;
    if (level !== 0) {
      const tenant = classes[at + TENANT] as number;
      const head = classes[at + HEAD] as number;
      classes[at + LEVEL] = 0;
      (this.levels[level] as Level).remove(tenant, head);
      (this.levels[0] as Level).add(tenant, head, classes[at + SIGNATURE] as number, c);
    }
    if (((classes[at + NOTICE] as number) & WIDE) !== 0) this.#rememberWide(c);
  }

  /** There is a new head. @param sinceMs from when its patience counts */
  #setOverdue(c: number, sinceMs: number): void {
    const rank = this.#classes[c * STRIDE + RANK] as number;
    const notice = (this.#classes[c * STRIDE + NOTICE] as number) & ~WATCHED;
    const dueMs = sinceMs + (this.#tables.patienceMs[rank] as number);
    this.overdueMs[c] = dueMs;
    if (notice !== NEVER) this.timers.set(c, rank, notice, dueMs);
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
    return aMs < bMs || (aMs === bMs && this.headOf(a) < this.headOf(b));
  }
}

function presentAt({ classCount, classOffset, classRuns, sinceMs }: Tables, untilMs: number): Present {
  const end = new Int32Array(classCount);
  const classes: number[] = [];
  for (let c = 0; c < classCount; c += 1) {
    const from = classOffset[c] as number;
    const runs = classRuns.subarray(from, classOffset[c + 1]);
    const present = runs.reduce((count, run) => count + ((sinceMs[run] as number) <= untilMs ? 1 : 0), 0);
    end[c] = from + present;
    if (present > 0) classes.push(c);
  }
  const firstOf = (c: number): number => classRuns[classOffset[c] as number] as number;
  return { untilMs, classes: Int32Array.from(classes).sort((a, b) => firstOf(a) - firstOf(b)), end };
}
