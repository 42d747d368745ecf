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
import { Selection } from './selection.ts';
import type { Tables } from './tables.ts';
import { Waiting } from './waiting.ts';

/** Measured: from about here on it pays to keep the heads of idle tenants in order. */
const FEW_TENANTS = 64;

export class AdmissionQueue {
  readonly tables: Tables;
  readonly ledger: Ledger;
  readonly waiting: Waiting;
  readonly grants: Grants;
  nowMs = 0.5;
  readonly #selection: Selection;
  /** Somebody is overdue the moment he waits, so a start may make somebody overdue. */
  readonly #impatient: boolean;

  constructor(tables: Tables, fewTenants = FEW_TENANTS) {
    this.tables = tables;
    this.ledger = new Ledger(tables);
    this.waiting = new Waiting(tables, this.ledger, fewTenants);
    this.grants = new Grants(tables, this.ledger, this.waiting);
    this.#selection = new Selection(tables, this.ledger, this.waiting, this.grants);
    this.#impatient = tables.patienceMs.includes(0);
    this.nowMs = tables.nowMs;
    this.reset();
  }

  /** Back to the snapshot; held runs from after `presentUntilMs` have not arrived yet. */
  reset(presentUntilMs = Number.POSITIVE_INFINITY): void {
    const { tables } = this;
    this.nowMs = tables.nowMs;
    this.ledger.reset();
    const runCount = tables.heldCount + tables.activeCount;
    for (let run = tables.heldCount; run < runCount; run += 1) {
      this.ledger.occupy(tables.runTenant[run] as number, tables.runSignature[run] as number);
    }
    this.waiting.reset(presentUntilMs);
    this.grants.reset(this.nowMs);
    this.advance(this.nowMs);
  }

  /** Time passes; it never goes back. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.waiting.timers.nextMs <= nowMs) this.waiting.advance(nowMs);
    this.grants.advance(nowMs);
  }

  arrive(run: number): void {
    this.waiting.arrive(this.tables.runClass[run] as number);
  }

  /** An active run has ended. */
  end(run: number): void {
    this.release(this.tables.runTenant[run] as number, this.tables.runSignature[run] as number);
  }

  /** A run of that tenant and signature has ended. */
  release(tenant: number, signature: number): void {
    this.ledger.release(tenant, signature);
    if (this.waiting.idleHeads !== null && this.ledger.isIdle(tenant)) this.waiting.becomeIdle(tenant);
  }

  /** Starts the run that goes next and returns it; -1 when nothing more may start now. */
  next(): number {
    const c = this.choose();
    return c < 0 ? -1 : this.start(c);
  }

  /** The class whose head goes next; -1 when nothing more may start now. */
  choose(): number {
    if (this.ledger.isFull() || this.tables.paused) return -1;
    if (this.#impatient) this.#catchUp();
    if (this.grants.count > 0) {
      const granted = this.grants.startable(this.nowMs);
      if (granted >= 0) return this.tables.runClass[granted] as number;
    }
    return this.#selection.next(this.nowMs);
  }

  /** Starts the head of the class that was chosen, and returns it. */
  start(c: number): number {
    const { waiting } = this;
    const run = waiting.headOf(c);
    waiting.takeHead(c, this.nowMs);
    this.ledger.occupy(waiting.tenantOf(c), waiting.signatureOf(c));
    if (this.grants.count > 0 && this.grants.isGranted(run)) this.grants.remove(run, this.nowMs);
    return run;
  }

  /** Gives grants, when nothing more may start. @param active the runs that occupy pools now */
  give(active: ActiveSet): void {
    if (this.#impatient) this.#catchUp();
    if (this.waiting.wideOverdue.length === 0 || this.grants.isQuiet() || this.tables.paused) return;
    this.grants.give(this.nowMs, active);
  }

  /** With a patience of 0 the next of a class is overdue the moment the one before it starts. */
  #catchUp(): void {
    if (this.waiting.timers.nextMs <= this.nowMs) this.waiting.advance(this.nowMs);
  }
}
