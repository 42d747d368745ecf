/**
 * The invariants, checked against what is true and not against what Penstock believes.
 *
 * - Never over capacity, at the decision: what the newest observation given to Penstock
 *   shows active, plus every start that Penstock ever asked for and that truly took effect
 *   or still can without that observation showing its end, plus what is decided now, fits
 *   the sizes last read. What others started and nobody could have observed is thereby
 *   not held against Penstock.
 * - Never over capacity, at every instant: while sizes have never changed, the runs that
 *   Penstock started fit by themselves; and if nobody else started any, nothing can make
 *   use exceed a size.
 * - Never twice, never somebody else's, never revived, never without a durable mark.
 * - A restarted process decides nothing before its predecessor's last deadline has passed
 *   and it has a fresh observation from after that; one that stops asks for nothing more.
 * - In doubt nothing is decided: not after a failed look, not in a pool reported as doubtful.
 * - History says what is true, and the engine forgets only what history has.
 */
import { isFinished, type RunId } from '../src/core/model/run.ts';
import type { PoolCapacity } from '../src/ports/capacity.ts';
import type { Observation, ObservedRun } from '../src/ports/engine.ts';
import type { FinishedRun, StartMark } from '../src/ports/store.ts';
import type { WireWitness } from './engine-client.ts';
import type { Applied, EngineState, EngineWitness, Starter, TrueRun } from './engine-state.ts';
import { isActive } from './engine-state.ts';
import { OrderChecks, type OrderChecksParts } from './order-checks.ts';
import type { Scheduler } from './scheduler.ts';

/** What one process of Penstock was told last. */
export interface Told {
  observation: Observation | null;
  runs: ReadonlyMap<RunId, ObservedRun>;
  /** The last look at the engine was answered. */
  engineAnswered: boolean;
  /** Null: the last reading failed. */
  capacity: readonly PoolCapacity[] | null;
  /** When the last look at the engine was answered. */
  seenAtMs: number;
  /** When the newest fresh observation it has was asked for. */
  freshSinceMs: number;
  /** It was asked to stop. */
  stopping: boolean;
  readonly durableMarks: Set<RunId>;
}

export function toldNothing(): Told {
  return {
    observation: null,
    runs: new Map(),
    engineAnswered: false,
    capacity: null,
    seenAtMs: Number.NEGATIVE_INFINITY,
    freshSinceMs: Number.NEGATIVE_INFINITY,
    stopping: false,
    durableMarks: new Set(),
  };
}

interface SentStart {
  readonly deadlineMs: number;
  landed: boolean;
}

export class Invariants implements EngineWitness, WireWitness {
  readonly #scheduler: Scheduler;
  readonly #sent = new Map<RunId, SentStart>();
  readonly #letIn = new Set<RunId>();
  #state: EngineState | null = null;
  #orderChecks: OrderChecks | null = null;
  #sizes: ReadonlyMap<string, number>;
  #sizesNeverChanged = true;
  #othersNeverStarted = true;
  #violation: string | null = null;
  /** Requests of dead processes that nobody has seen the effect of, with their deadlines. */
  readonly #toWaitOut = new Map<RunId, number>();
  /** Penstock's starts that took effect. */
  effects = 0;

  constructor(scheduler: Scheduler, sizes: ReadonlyMap<string, number>) {
    this.#scheduler = scheduler;
    this.#sizes = sizes;
  }

  watch(state: EngineState, orders: Pick<OrderChecksParts, 'operator' | 'settings'>): void {
    this.#state = state;
    this.#orderChecks = new OrderChecks({
      ...orders,
      fail: (message) => this.fail(message),
      wasLetIn: (id) => this.#letIn.has(id),
    });
  }

  violation(): string | null {
    return this.#violation;
  }

  fail(message: string): void {
    this.#violation ??= message;
  }

  sizesChange(sizes: ReadonlyMap<string, number>): void {
    this.#sizes = sizes;
    this.#sizesNeverChanged = false;
  }

  // What happens in the engine.

  startTookEffect(run: TrueRun, by: Starter): void {
    const { id } = run.created;
    if (run.effects > 1) this.fail(`${id} was started ${run.effects} times`);
    if (run.result !== null) this.fail(`${id} was revived though it is ${run.result.outcome}`);
    if (by === 'other') {
      this.#othersNeverStarted = false;
      return;
    }
    this.effects += 1;
    if (!run.ours) this.fail(`${id} is not ours and was started`);
    if (this.#sizesNeverChanged) this.#checkUse(run);
  }

  finished(): void {}

  changed(): void {}

  #checkUse(run: TrueRun): void {
    const state = this.#state;
    if (state === null) return;
    for (const pool of Object.keys(run.created.requests)) {
      const size = this.#sizes.get(pool) ?? 0;
      const by = this.#othersNeverStarted ? 'all' : 'penstock';
      const use = state.use(pool, by);
      if (use > size) this.fail(`${pool}: ${use} of ${size} in use after ${run.created.id} started (${by})`);
    }
  }

  /** What it asked for can still land, until the deadlines have passed. */
  processEnds(): void {
    for (const [id, sent] of this.#sent) if (this.#mayStillLand(id)) this.#toWaitOut.set(id, sent.deadlineMs);
  }

  /** A process was shown something newer: of what is no longer held there, nothing can land any more. */
  shows(told: Told): void {
    for (const id of this.#toWaitOut.keys()) {
      if (told.runs.get(id)?.state !== 'held') this.#toWaitOut.delete(id);
    }
  }

  // What Penstock asks of the engine.

  sent(id: RunId, deadlineMs: number): void {
    this.#sent.set(id, { deadlineMs, landed: false });
  }

  landed(id: RunId, _applied: Applied): void {
    const sent = this.#sent.get(id);
    if (sent !== undefined) sent.landed = true;
  }

  asksToStart(told: Told, id: RunId): void {
    if (told.stopping) this.fail(`${id} was asked for after the order to stop`);
    if (!told.durableMarks.has(id)) this.fail(`${id} was asked for without a durable mark`);
    if (this.#mayStillLand(id)) this.fail(`${id} was asked for while an earlier request can still land`);
    const run = this.#state?.run(id);
    if (run !== undefined && !run.ours) this.fail(`${id} is not ours and was asked for`);
  }

  #mayStillLand(id: RunId): boolean {
    const sent = this.#sent.get(id);
    if (sent === undefined || sent.landed || this.#scheduler.nowMs() > sent.deadlineMs) return false;
    return this.#state?.run(id)?.state === 'held';
  }

  // What Penstock decides. Marks are the first thing it does about a decision.

  decides(told: Told, marks: readonly StartMark[]): void {
    const { capacity, observation } = told;
    if (observation === null || !told.engineAnswered) this.fail('decided without seeing the engine');
    if (capacity === null) this.fail('decided without a reading of the capacity');
    for (const [id, deadlineMs] of this.#toWaitOut) {
      if (told.freshSinceMs < deadlineMs) this.fail(`did not wait out what a predecessor asked for ${id}`);
    }
    const use = this.#knowableUse(told);
    for (const { runId } of marks) {
      const run = told.runs.get(runId);
      if (run?.state !== 'held') this.fail(`${runId} was let in though shown ${run?.state ?? 'gone'}`);
      if (use.counted.has(runId)) this.fail(`${runId} was let in a second time`);
      if (run === undefined) continue;
      add(use.units, run);
      this.#checkDecided(run, capacity ?? [], use.units);
    }
    this.#checkOrders(told, marks);
    for (const { runId } of marks) this.#letIn.add(runId);
  }

  #checkOrders(told: Told, marks: readonly StartMark[]): void {
    const basis = { runs: told.runs, capacity: told.capacity ?? [], seenAtMs: told.seenAtMs };
    this.#orderChecks?.decides(basis, marks);
    const { units } = this.#knowableUse(told);
    const letIn = new Set(marks.map((mark) => mark.runId));
    for (const { runId, markedAtMs } of marks) {
      const run = told.runs.get(runId);
      if (run === undefined) continue;
      add(units, run);
      this.#orderChecks?.letsIn(run, basis, { units, atMs: markedAtMs, letIn });
    }
  }

  #checkDecided(
    run: ObservedRun,
    capacity: readonly PoolCapacity[],
    units: ReadonlyMap<string, number>,
  ): void {
    for (const name of Object.keys(run.requests)) {
      const reported = capacity.filter((pool) => pool.name === name);
      const [pool] = reported;
      if (pool === undefined || reported.length > 1) {
        this.fail(`${run.id} was decided to start though ${name} is reported ${reported.length} times`);
        continue;
      }
      const sound = pool.doubt === null && isCount(pool.size) && isCount(pool.otherUse);
      if (!sound) this.fail(`${run.id} was decided to start though ${name} is in doubt`);
      const used = (units.get(name) ?? 0) + pool.otherUse;
      if (used > pool.size) this.fail(`${name}: ${used} of ${pool.size} with ${run.id}, which was let in`);
    }
  }

  #knowableUse(told: Told): { readonly counted: ReadonlySet<RunId>; readonly units: Map<string, number> } {
    const counted = new Set<RunId>();
    const units = new Map<string, number>();
    for (const run of told.runs.values()) {
      if (!isActive(run.state)) continue;
      counted.add(run.id);
      add(units, run);
    }
    for (const id of this.#sent.keys()) {
      const shown = told.runs.get(id);
      if (shown === undefined || shown.state !== 'held') continue;
      const tookEffect = this.#state?.run(id)?.startedBy === 'penstock';
      if (!tookEffect && !this.#mayStillLand(id)) continue;
      counted.add(id);
      add(units, shown);
    }
    return { counted, units };
  }

  cancelsForAge(told: Told, id: RunId, nowMs: number): void {
    if (this.#mayStillLand(id)) this.fail(`${id} was to be cancelled though its start can still land`);
    this.#orderChecks?.cancelsForAge(told.runs.get(id), nowMs);
  }

  // What Penstock remembers.

  records(runs: readonly FinishedRun[]): void {
    for (const recorded of runs) {
      const run = this.#state?.run(recorded.id);
      if (run === undefined) continue;
      const { outcome, startedAtMs, finishedAtMs } = recorded;
      const same =
        isFinished(run.state) &&
        outcome === run.state &&
        startedAtMs === run.startedAtMs &&
        finishedAtMs === run.finishedAtMs;
      if (!same) this.fail(`${recorded.id} was recorded as ${outcome}, which it is not`);
      if (run.effects === 0 && startedAtMs !== null) this.fail(`${recorded.id} never ran, history says so`);
    }
  }

  forgets(ids: readonly RunId[], isRecorded: (id: RunId) => boolean): void {
    for (const id of ids) if (!isRecorded(id)) this.fail(`${id} was forgotten before it was recorded`);
  }
}

function add(units: Map<string, number>, run: ObservedRun): void {
  for (const [pool, asked] of Object.entries(run.requests)) units.set(pool, (units.get(pool) ?? 0) + asked);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
