/** Runs the replications of a question and keeps what they come to; in steps, so that others get a turn. */
import { LossesWithoutHolding } from './losses.ts';
import { affordableReplications, Measures } from './measures.ts';
import { areMomentsDrawn } from './moments.ts';
import type { AssessmentQuestion } from './question.ts';
import { type RunDraws, Trials } from './trials.ts';

/** Ways of drawing the moments; more change no band visibly. */
const FUTURES_MAX = 20;
/** Simulated between two breaths: some ten milliseconds. */
const STEP_CELLS_MAX = 10_000;

/** One value a replication each; of launches that are not held but created at their moment. */
export interface LostWithoutHolding {
  readonly waiting: Float64Array;
  readonly running: Float64Array;
  readonly slotMs: Float64Array;
}

export interface Measured {
  readonly measures: Measures;
  /** Null where nothing has a timeout. */
  readonly lost: LostWithoutHolding | null;
  readonly snoozed: number;
  /** Median over the futures of launches that jump over the occurrence. */
  readonly jumpedOver: number;
}

export interface MeasureOptions {
  readonly replications: number;
  readonly withLosses: boolean;
}

export function* measured(
  question: AssessmentQuestion,
  draws: RunDraws,
  options: MeasureOptions,
): Generator<void, Measured> {
  const targets = question.targets.length;
  const replications = affordableReplications(targets, options.replications);
  const futures = areMomentsDrawn(question) ? Math.min(FUTURES_MAX, replications) : 1;
  const trials = new Trials(question, draws, futures);
  const measures = new Measures(targets, replications);
  const losses =
    options.withLosses && question.timeoutMs !== null ? new LossesWithoutHolding(question) : null;
  const column = (): Float64Array => new Float64Array(losses === null ? 0 : replications);
  const lost: LostWithoutHolding = { waiting: column(), running: column(), slotMs: column() };
  yield;
  const perStep = Math.max(1, Math.floor(STEP_CELLS_MAX / targets));
  for (let replication = 0; replication < replications; replication += 1) {
    const trial = trials.replicate(replication);
    measures.keep(replication, trial);
    if (losses !== null) {
      const { timedOutWaiting, timedOutRunning, wastedSlotMs } = losses.of(trial);
      lost.waiting[replication] = timedOutWaiting;
      lost.running[replication] = timedOutRunning;
      lost.slotMs[replication] = wastedSlotMs;
    }
    if (replication % perStep === 0) yield;
  }
  const moments = Array.from({ length: futures }, (_, future) => trials.future(future).moments);
  const jumped = moments.map((one) => one.lost).toSorted((a, b) => a - b);
  return {
    measures,
    lost: losses === null ? null : lost,
    snoozed: Math.max(...moments.map((one) => one.snoozed)),
    jumpedOver: jumped[Math.floor(jumped.length / 2)] as number,
  };
}

/** Only when all is done, in milliseconds since the window opened: a fraction of the work. */
export function* finishesOf(
  question: AssessmentQuestion,
  draws: RunDraws,
  { replications, futures }: { readonly replications: number; readonly futures: number },
): Generator<void, Float64Array> {
  const trials = new Trials(question, draws, areMomentsDrawn(question) ? Math.min(futures, replications) : 1);
  const finishes = new Float64Array(replications);
  const perStep = Math.max(1, Math.floor(STEP_CELLS_MAX / question.targets.length));
  for (let replication = 0; replication < replications; replication += 1) {
    let last = 0;
    for (const endMs of trials.replicate(replication).endMs) if (endMs > last) last = endMs;
    finishes[replication] = last;
    if (replication % perStep === 0) yield;
  }
  return finishes;
}
