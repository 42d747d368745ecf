/**
 * What must be true when faults have stopped and everything had its time.
 *
 * - Nothing is lost: every run that can start has started and finished; each one that
 *   still waits is told a reason that says it cannot start.
 * - History has each finished run exactly once, as it truly was, and measured nothing but
 *   the time between start and finish.
 * - Nothing is left over: no mark, no grant, no doubt, and of what was moved to the front
 *   only what waits still; nothing waits longer than its maximum age.
 */
import type { AdmissionLoop } from '../src/app/admission-loop.ts';
import { holdReasons } from '../src/core/admission/hold-reasons.ts';
import type { HoldReason } from '../src/core/model/decision.ts';
import { isFinished, type Outcome, type RunId } from '../src/core/model/run.ts';
import type { NewRun } from '../src/ports/engine.ts';
import type { ListedRun, Store } from '../src/ports/store.ts';
import type { EngineState, TrueRun } from './engine-state.ts';
import type { Plan } from './plan.ts';

/** How runs truly ended. */
export class Ends {
  readonly #ends = new Map<RunId, End>();
  readonly #deleted = new Set<RunId>();

  finished(run: TrueRun): void {
    const { startedAtMs, finishedAtMs } = run;
    this.#ends.set(run.created.id, { outcome: run.state as Outcome, startedAtMs, finishedAtMs });
  }

  /** Somebody deleted it: Penstock may never have seen its end. */
  deleted(id: RunId): void {
    this.#deleted.add(id);
  }

  mustBeInHistory(): readonly RunId[] {
    return [...this.#ends.keys()].filter((id) => !this.#deleted.has(id));
  }

  is(recorded: ListedRun): boolean {
    const end = this.#ends.get(recorded.id);
    return (
      end !== undefined &&
      end.outcome === recorded.outcome &&
      end.startedAtMs === recorded.startedAtMs &&
      end.finishedAtMs === recorded.finishedAtMs
    );
  }
}

interface End {
  readonly outcome: Outcome;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
}

/** Whether the run could start if nothing else were there. */
export function canEverStart(plan: Pick<Plan, 'pools' | 'settings'>, run: NewRun): boolean {
  const { priority, requests, tenant } = run;
  const sizes = new Map(plan.pools.map((pool) => [pool.name, pool.size]));
  const caps = plan.settings.tenants.find((other) => other.name === tenant)?.caps ?? {};
  return (
    plan.settings.priorities.some((known) => known.name === priority) &&
    Object.entries(requests).every(
      ([pool, asked]) => asked <= (sizes.get(pool) ?? 0) && asked <= (caps[pool] ?? Number.POSITIVE_INFINITY),
    )
  );
}

/** What is left to do, for Penstock or for the engine. */
export function unfinished(plan: Plan, state: EngineState): readonly TrueRun[] {
  return [...state.runs()].filter(
    (run) => run.state !== 'held' || !run.ours || canEverStart(plan, run.created),
  );
}

export interface EndState {
  readonly plan: Plan;
  readonly state: EngineState;
  readonly store: Store;
  readonly loop: AdmissionLoop;
  readonly ends: Ends;
  readonly nowMs: number;
  readonly fail: (message: string) => void;
}

export async function checkEnd(end: EndState): Promise<void> {
  checkReasons(end);
  await checkHistory(end);
  const marks = await end.store.marks();
  if (marks.length > 0) end.fail(`${marks.length} marks are left, of ${marks[0]?.runId} and others`);
  const [grant] = await end.store.grants();
  if (grant !== undefined) end.fail(`a grant is left, of ${grant.runId}`);
  await checkOrders(end);
  const [doubt] = end.loop.health().doubts;
  if (doubt !== undefined) end.fail(`still in doubt: ${doubt.source}: ${doubt.error}`);
}

const CANNOT_START: readonly HoldReason['kind'][] = [
  'never-fits',
  'never-fits-cap',
  'unknown-pool',
  'unknown-priority',
];

function checkReasons(end: EndState): void {
  const view = end.loop.view();
  if (view === null) end.fail('the loop has nothing to show');
  const reasons = view === null ? new Map<RunId, HoldReason>() : holdReasons(view.snapshot, view.decision);
  for (const run of end.state.runs()) {
    if (run.state !== 'held') continue;
    const reason = reasons.get(run.created.id);
    const root = reason?.kind === 'behind' ? reason.first : reason;
    if (root === undefined || !CANNOT_START.includes(root.kind)) {
      end.fail(`${run.created.id} can never start, but the reason given is ${root?.kind ?? 'none'}`);
    }
  }
}

/** Cancelling for age may have to be tried again, but not for long when all is calm. */
const AGE_SLACK_MS = 300_000;

async function checkOrders(end: EndState): Promise<void> {
  const { fronts } = await end.store.controls();
  for (const { runId } of fronts) {
    if (end.state.run(runId)?.state !== 'held') end.fail(`${runId} is still at the front`);
  }
  const { maxHeldMs } = end.plan.settings;
  for (const run of end.state.runs()) {
    if (maxHeldMs === null || run.state !== 'held' || !run.ours) continue;
    const overMs = end.nowMs - run.heldSinceMs - maxHeldMs;
    if (overMs > AGE_SLACK_MS) end.fail(`${run.created.id} waits ${overMs} ms beyond its maximum age`);
  }
}

async function checkHistory(end: EndState): Promise<void> {
  const recorded = new Set<RunId>();
  let before: string | null = null;
  do {
    const page = await end.store.finishedRuns({ limit: 1_000, before });
    for (const run of page.runs) {
      if (recorded.has(run.id)) end.fail(`${run.id} is in history twice`);
      if (!end.ends.is(run)) end.fail(`history has ${run.id} as it never was`);
      recorded.add(run.id);
    }
    before = page.next;
  } while (before !== null);
  for (const id of end.ends.mustBeInHistory()) if (!recorded.has(id)) end.fail(`${id} is not in history`);
  await checkSamples(end);
}

async function checkSamples(end: EndState): Promise<void> {
  for (const sample of await end.store.samples({ perSeries: 100_000, limit: 100_000 })) {
    const finishedAtMs = sample.startedAtMs + sample.durationMs;
    const run = await end.store.finishedRun(sample.runId);
    const started = run !== null && isFinished(run.outcome) && run.startedAtMs === sample.startedAtMs;
    // A run that took no time at all is measured as one millisecond.
    if (!started || finishedAtMs - run.finishedAtMs > 1) end.fail(`the sample of ${sample.runId} is wrong`);
  }
}
