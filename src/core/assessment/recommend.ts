/**
 * So do this: the smallest window under a peak, the smallest capacity for a time, the start
 * with the least company. Each is found by bisection over the same futures, and each says
 * what it would be if half of the futures were enough; where the two are far apart and little
 * was measured, it is called inconclusive.
 */
import { mostAtOnce } from '../stats/overlap.ts';
import { quantile } from '../stats/quantile.ts';
import type { Evidence } from './evidence.ts';
import { finishesOf } from './measure.ts';
import type { Measures } from './measures.ts';
import { areMomentsDrawn, momentsOf } from './moments.ts';
import type { AssessmentQuestion } from './question.ts';
import { scarcestPool } from './scarcest-pool.ts';
import type { RunDraws } from './trials.ts';

export interface Recommendation {
  readonly kind: 'window' | 'capacity';
  /** Milliseconds, or the size of `pool`; null: nothing that is possible is enough. */
  readonly value: number | null;
  /** The same for five of ten futures. */
  readonly likely: number | null;
  readonly pool: string | null;
  /** What it is for: the peak, or the instant. */
  readonly limit: number;
  readonly now: number;
  readonly isConclusive: boolean;
  /** Futures it was derived from. */
  readonly replications: number;
}

/** The first replications are enough, and no others are looked at. */
export const RECOMMENDED_FROM = 60;
/** A capacity is tried a dozen times, and most of what a trial costs is to set up its futures. */
const FUTURES = 6;
const LEVELS = { value: 0.9, likely: 0.5 } as const;
const STEP_MS = 5 * 60_000;
/** GitLab's limits of a window; Penstock's own are wider. */
const WINDOW_MS = { least: 10 * 60_000, most: 2_629_746_000 };
/** So far apart they are two answers. */
const APART = 1.5;

export function* recommendations(
  question: AssessmentQuestion,
  draws: RunDraws,
  { measures, evidence }: { readonly measures: Measures; readonly evidence: Evidence },
): Generator<void, readonly Recommendation[]> {
  const { criteria, isCapacityKnown } = question;
  const found: Recommendation[] = [];
  const replications = Math.min(RECOMMENDED_FROM, measures.replications);
  const kept = (parts: Omit<Recommendation, 'isConclusive' | 'replications'>): void => {
    found.push({ ...parts, isConclusive: isConclusive(parts, evidence), replications });
  };
  if (criteria.maxPeak !== null) {
    const limit = criteria.maxPeak;
    const windows = new Windows(question, measures, replications);
    const found = (level: number) => windows.smallest((peaks) => quantile(peaks, level) <= limit);
    const now = question.policy.window.lengthMs;
    kept({
      kind: 'window',
      value: found(LEVELS.value),
      likely: found(LEVELS.likely),
      pool: null,
      limit,
      now,
    });
    yield;
  }
  const scarcest = scarcestPool(question);
  if (criteria.finishByMs !== null && isCapacityKnown && scarcest !== null) {
    const limit = criteria.finishByMs;
    const capacities = new Capacities(question, draws, { pool: scarcest.name, replications });
    const value = yield* capacities.smallest(LEVELS.value, limit);
    const likely = yield* capacities.smallest(LEVELS.likely, limit);
    const now = question.rules.pools.find(({ name }) => name === scarcest.name)?.size ?? 0;
    kept({ kind: 'capacity', value, likely, pool: scarcest.name, limit, now });
  }
  return found;
}

function isConclusive(
  { value, likely }: Pick<Recommendation, 'value' | 'likely'>,
  { confidence }: Evidence,
): boolean {
  if (confidence === 'none') return false;
  if (confidence === 'fair' || confidence === 'good') return true;
  if (value === null || likely === null) return value === likely;
  return value / Math.max(1, likely) <= APART;
}

/** Peaks of windows of any length: moments anew, durations as they were drawn. */
class Windows {
  readonly #question: AssessmentQuestion;
  readonly #measures: Measures;
  readonly #replications: number;
  readonly #peaks = new Map<number, Float64Array>();

  constructor(question: AssessmentQuestion, measures: Measures, replications: number) {
    this.#question = question;
    this.#measures = measures;
    this.#replications = replications;
  }

  smallest(isEnough: (sortedPeaks: Float64Array) => boolean): number | null {
    let [low, high] = [WINDOW_MS.least / STEP_MS, Math.floor(WINDOW_MS.most / STEP_MS)];
    if (!isEnough(this.#peaksOf(high * STEP_MS))) return null;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isEnough(this.#peaksOf(middle * STEP_MS))) high = middle;
      else low = middle + 1;
    }
    return high * STEP_MS;
  }

  #peaksOf(lengthMs: number): Float64Array {
    const known = this.#peaks.get(lengthMs);
    if (known !== undefined) return known;
    const { policy } = this.#question;
    const question = { ...this.#question, policy: { ...policy, window: { ...policy.window, lengthMs } } };
    const futures = areMomentsDrawn(question) ? Math.min(FUTURES, this.#replications) : 1;
    const moments = Array.from({ length: futures }, (_, future) => momentsOf(question, future).atMs);
    const peaks = Float64Array.from({ length: this.#replications }, (_, replication) =>
      this.#peak(replication, moments[replication % futures] as Float64Array),
    ).sort();
    this.#peaks.set(lengthMs, peaks);
    return peaks;
  }

  #peak(replication: number, atMs: Float64Array): number {
    const { targets, durationMs } = this.#measures;
    const from: number[] = [];
    const to: number[] = [];
    for (let target = 0; target < targets; target += 1) {
      const at = atMs[target] as number;
      if (Number.isNaN(at)) continue;
      from.push(at);
      to.push(at + (durationMs[replication * targets + target] as number));
    }
    return mostAtOnce(Float64Array.from(from).sort(), Float64Array.from(to).sort());
  }
}

/** Whether all is done in time, by size of one pool. */
class Capacities {
  readonly #question: AssessmentQuestion;
  readonly #draws: RunDraws;
  readonly #pool: string;
  readonly #replications: number;
  readonly #finishes = new Map<number, Float64Array>();

  constructor(
    question: AssessmentQuestion,
    draws: RunDraws,
    { pool, replications }: { readonly pool: string; readonly replications: number },
  ) {
    this.#question = question;
    this.#draws = draws;
    this.#pool = pool;
    this.#replications = replications;
  }

  /** Null: not even with room for all at once. */
  *smallest(level: number, finishByMs: number): Generator<void, number | null> {
    const { targets, rules } = this.#question;
    const units = scarcestPool(this.#question)?.units ?? 1;
    const otherUse = rules.pools.find(({ name }) => name === this.#pool)?.otherUse ?? 0;
    const sizeOf = (slots: number): number => otherUse + units * slots;
    let [low, high] = [1, targets.length];
    if (!(yield* this.#isEnough(sizeOf(high), level, finishByMs))) return null;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (yield* this.#isEnough(sizeOf(middle), level, finishByMs)) high = middle;
      else low = middle + 1;
    }
    return sizeOf(high);
  }

  *#isEnough(size: number, level: number, finishByMs: number): Generator<void, boolean> {
    let finishes = this.#finishes.get(size);
    if (finishes === undefined) {
      const { rules } = this.#question;
      const pools = rules.pools.map((pool) => (pool.name === this.#pool ? { ...pool, size } : pool));
      const question = { ...this.#question, rules: { ...rules, pools } };
      const options = { replications: this.#replications, futures: FUTURES };
      finishes = (yield* finishesOf(question, this.#draws, options)).sort();
      this.#finishes.set(size, finishes);
    }
    return quantile(finishes, level) + this.#question.occurrence.startsAtMs <= finishByMs;
  }
}
