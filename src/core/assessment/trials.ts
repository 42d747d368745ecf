/**
 * Replications of the occurrence: durations drawn anew in each, moments in each future, and
 * the schedule that the controller's own admission makes of them.
 *
 * Always true: the durations of a replication depend on nothing but seed, replication and
 * target, whatever the window, the pools or the moments, so that two questions about the same
 * policy are compared with the same luck (common random numbers).
 */
import type { DurationModel } from '../duration/model.ts';
import { Draws } from '../forecast/draws.ts';
import { type Estimate, RUNS_POOL, type RunId, runId } from '../model/run.ts';
import type { ActiveRun, HeldRun, Snapshot } from '../model/snapshot.ts';
import { Simulation } from '../simulation/simulate.ts';
import { firstOf, seriesOf } from './durations.ts';
import { type Moments, momentsOf } from './moments.ts';
import type { AssessedTarget, AssessmentQuestion } from './question.ts';

/** One replication, by target, in milliseconds since the window opened; NaN for what does not happen. */
export interface Trial {
  readonly future: number;
  readonly launchMs: Float64Array;
  /** When it starts, held back by the pools, and ends. */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  /** How long it runs, cut off at the timeout. */
  readonly durationMs: Float64Array;
  /** How long it would run if nothing cut it off. */
  readonly uncutMs: Float64Array;
  /** How many would run longer than the timeout lets them. */
  readonly overruns: number;
  /** Launched, but never started: the pools never have room, or the window closed. */
  readonly neverStarted: number;
}

export class Trials {
  readonly #question: AssessmentQuestion;
  readonly #draws: RunDraws;
  readonly #futures: Future[] = [];
  readonly #futureCount: number;
  /** By target: where its duration is among the draws. */
  readonly #drawOf: Int32Array;
  /** By draw; Infinity for none. */
  readonly #limitMs: Float64Array;
  readonly #cutMs: Float64Array;
  readonly #trial: Pick<Trial, 'startMs' | 'endMs' | 'durationMs' | 'uncutMs'>;

  /** @param draws of this question, or of one with the same targets and more */
  constructor(question: AssessmentQuestion, draws: RunDraws, futureCount: number) {
    this.#question = question;
    this.#draws = draws;
    this.#futureCount = futureCount;
    this.#drawOf = Int32Array.from(question.targets, (target) => draws.placeOf.get(idOf(target)) as number);
    const limits = new Map(
      [...everyOther(question), ...(question.queue?.active ?? [])].map(({ id, timeoutMs }) => [
        id,
        timeoutMs,
      ]),
    );
    this.#limitMs = Float64Array.from(
      draws.ids,
      (id) => (limits.has(id) ? limits.get(id) : question.timeoutMs) ?? Number.POSITIVE_INFINITY,
    );
    this.#cutMs = new Float64Array(draws.ids.length);
    const column = (): Float64Array => new Float64Array(question.targets.length);
    this.#trial = { startMs: column(), endMs: column(), durationMs: column(), uncutMs: column() };
  }

  future(index: number): Future {
    this.#futures[index] ??= new Future(this.#question, index, this.#draws);
    return this.#futures[index];
  }

  /** Valid until the next call. */
  replicate(replication: number): Trial {
    const index = replication % this.#futureCount;
    const future = this.future(index);
    const { launchMs } = future;
    const drawnMs = this.#draws.of(replication);
    const [limitMs, cutMs] = [this.#limitMs, this.#cutMs];
    for (let place = 0; place < cutMs.length; place += 1) {
      cutMs[place] = Math.min(drawnMs[place] as number, limitMs[place] as number);
    }
    const { durationMs, uncutMs, startMs, endMs } = this.#trial;
    let overruns = 0;
    for (let target = 0; target < durationMs.length; target += 1) {
      const place = this.#drawOf[target] as number;
      durationMs[target] = cutMs[place] as number;
      uncutMs[target] = drawnMs[place] as number;
      const isOver = (uncutMs[target] as number) > (limitMs[place] as number);
      if (isOver && !Number.isNaN(launchMs[target] as number)) overruns += 1;
    }
    const neverStarted = future.schedule(cutMs, startMs, endMs);
    return { ...this.#trial, future: index, launchMs, overruns, neverStarted };
  }
}

/** One way in which the moments may be drawn. */
export class Future {
  readonly moments: Moments;
  readonly launchMs: Float64Array;
  readonly #simulation: Simulation;
  readonly #opensAtMs: number;
  readonly #durationsMs: Float64Array;
  /** By run of the simulation: where its duration is among the draws; by target: its run, or -1. */
  readonly #drawOf: Int32Array;
  readonly #runOf: Int32Array;

  constructor(question: AssessmentQuestion, index: number, draws: RunDraws) {
    this.#opensAtMs = question.occurrence.startsAtMs;
    this.moments = momentsOf(question, index);
    this.launchMs = this.moments.atMs.map((atMs) => atMs - this.#opensAtMs);
    const arrivals = arrivalsOf(question, this.launchMs, draws.estimateOf);
    const others = question.others.flatMap(({ runs }) => runs);
    this.#simulation = new Simulation(snapshotOf(question), { arrivals: [...arrivals, ...others] });
    const { ids } = this.#simulation.tables;
    const runPlace = new Map(ids.map((id, place) => [id, place]));
    this.#drawOf = Int32Array.from(ids, (id) => draws.placeOf.get(id) as number);
    this.#runOf = Int32Array.from(question.targets, (target) => runPlace.get(idOf(target)) ?? -1);
    this.#durationsMs = new Float64Array(ids.length);
  }

  /** Fills in the schedule of these durations; answers how many of the launched never start. */
  schedule(drawnMs: Float64Array, startMs: Float64Array, endMs: Float64Array): number {
    for (let run = 0; run < this.#drawOf.length; run += 1) {
      this.#durationsMs[run] = drawnMs[this.#drawOf[run] as number] as number;
    }
    const schedule = this.#simulation.run(this.#durationsMs);
    const { expiresAtMs } = this.moments;
    let neverStarted = 0;
    for (let target = 0; target < startMs.length; target += 1) {
      const run = this.#runOf[target] as number;
      const atMs = run < 0 ? Number.NaN : (schedule.startMs[run] as number);
      const starts = atMs < expiresAtMs;
      startMs[target] = starts ? atMs - this.#opensAtMs : Number.NaN;
      endMs[target] = starts ? (schedule.endMs[run] as number) - this.#opensAtMs : Number.NaN;
      if (!starts && !Number.isNaN(this.launchMs[target] as number)) neverStarted += 1;
    }
    return neverStarted;
  }
}

export function idOf({ project, branch }: AssessedTarget): RunId {
  return runId(`launch ${project}${branch === null ? '' : ` ${branch}`}`);
}

export function requestsOf({ policy }: Pick<AssessmentQuestion, 'policy'>): Readonly<Record<string, number>> {
  return { [RUNS_POOL]: 1, ...policy.requests };
}

type EstimateOf = (target: AssessedTarget) => Estimate;

/** Admission asks for estimates where runs need several units at once; elsewhere any will do, and costs nothing. */
function estimates(question: AssessmentQuestion, model: DurationModel): EstimateOf {
  const runs = [requestsOf(question), ...(question.queue?.held ?? []).map(({ requests }) => requests)];
  const isPlain = runs.every((requests) => Object.values(requests).reduce((sum, n) => sum + n, 0) <= 1);
  const anyone = firstOf(question);
  return isPlain ? () => anyone : (target) => model.estimate(seriesOf(target, question.contentHash));
}

/** Those that are launched. @param launchMs by target, since the window opened */
export function arrivalsOf(
  question: AssessmentQuestion,
  launchMs: Float64Array,
  estimateOf: EstimateOf,
): readonly HeldRun[] {
  const { targets, occurrence } = question;
  return targets.flatMap((target, place) => {
    const heldSinceMs = occurrence.startsAtMs + (launchMs[place] as number);
    if (Number.isNaN(heldSinceMs)) return [];
    return [launchedRun(question, target, { heldSinceMs, estimate: estimateOf(target) })];
  });
}

function launchedRun(
  question: AssessmentQuestion,
  target: AssessedTarget,
  { heldSinceMs, estimate }: Pick<HeldRun, 'heldSinceMs' | 'estimate'>,
): HeldRun {
  const { policy, rules, timeoutMs, contentHash } = question;
  return {
    id: idOf(target),
    project: target.project,
    tenant: target.tenant,
    contentHash,
    priority: policy.priority ?? (rules.priorities.at(-1)?.name as string),
    requests: requestsOf(question),
    heldSinceMs,
    estimate,
    timeoutMs,
  };
}

function snapshotOf(question: AssessmentQuestion): Snapshot {
  const { nowMs, queue } = question;
  return queue === null ? emptySnapshot(question) : { ...emptySnapshot(question), nowMs, ...queue };
}

/** The moment before the window: nothing waits, nothing runs. */
export function emptySnapshot({ occurrence, rules }: AssessmentQuestion): Snapshot {
  return {
    nowMs: Math.max(0, occurrence.startsAtMs - 1),
    paused: false,
    grants: [],
    classStarts: [],
    ...rules,
    held: [],
    active: [],
  };
}

function everyOther({ queue, others }: AssessmentQuestion): readonly HeldRun[] {
  return [...(queue?.held ?? []), ...others.flatMap(({ runs }) => runs)];
}

/**
 * The durations of all runs there may be, by replication; the first ones are kept, so that
 * other questions about the same runs need not draw them again.
 */
export class RunDraws {
  readonly ids: readonly RunId[];
  readonly placeOf: ReadonlyMap<RunId, number>;
  readonly estimateOf: EstimateOf;
  readonly #draws: Draws;
  readonly #kept: Float64Array[] = [];

  constructor(question: AssessmentQuestion, model: DurationModel) {
    this.estimateOf = estimates(question, model);
    const heldSinceMs = question.occurrence.startsAtMs;
    const ours = question.targets.map((target) =>
      launchedRun(question, target, { heldSinceMs, estimate: this.estimateOf(target) }),
    );
    const held = [...ours, ...everyOther(question)];
    const { tables } = new Simulation(withoutLimits(question, held));
    const runs = new Map([...held, ...(question.queue?.active ?? [])].map((run) => [run.id, run]));
    this.#draws = new Draws({ tables, model, seed: question.seed, runs });
    this.ids = tables.ids;
    this.placeOf = new Map(tables.ids.map((id, place) => [id, place]));
  }

  /** Milliseconds by place, not cut off at any timeout. Valid until the next call. */
  of(replication: number): Float64Array {
    const kept = this.#kept[replication];
    if (kept !== undefined) return kept;
    this.#draws.draw(replication);
    const drawn = this.#draws.durationsMs;
    if (replication === this.#kept.length && (replication + 1) * drawn.length <= KEPT_CELLS_MAX) {
      this.#kept.push(Float64Array.from(drawn));
    }
    return drawn;
  }
}

/** 16 MB. */
const KEPT_CELLS_MAX = 2_000_000;

/** Room for each run, so that each has its draws. */
function withoutLimits(question: AssessmentQuestion, held: readonly HeldRun[]): Snapshot {
  const active: readonly ActiveRun[] = question.queue?.active ?? [];
  const names = new Set([...held, ...active].flatMap(({ requests }) => Object.keys(requests)));
  const pool = { size: Number.MAX_SAFE_INTEGER, otherUse: 0, paused: false, doubt: null };
  return {
    ...snapshotOf(question),
    pools: [...names].map((name) => ({ name, ...pool })),
    priorities: [...new Set(held.map(({ priority }) => priority))].map((name) => ({
      name,
      patienceMs: null,
    })),
    tenants: [],
    held,
    active,
  };
}
