/**
 * Where the range of the total execution time comes from. By the law of total variance, in
 * log time: a second draw of the same future with other luck in one respect tells how much
 * that respect is worth (half the mean square of the difference is the variance it adds).
 *
 * - `level`: what a run of this content takes at all; common to projects never seen, so it
 *   does not average out.
 * - `projects`: how projects differ; averages out over many.
 * - `runs`: how runs of one project differ; averages out over many.
 * - `platform`: good and bad days of everything, which past forecasts were wrong by.
 */
import type { DurationModel, DurationSampler, SeriesDraws } from '../duration/model.ts';
import { MEASURED_ERROR } from '../forecast/draws.ts';
import { randomStream } from '../random/random.ts';
import { seriesOf } from './durations.ts';
import type { AssessedTarget } from './question.ts';

export const RANGE_PARTS = ['level', 'projects', 'runs', 'platform'] as const;
export type RangePart = (typeof RANGE_PARTS)[number];

export interface RangeOfTotal {
  /** Standard deviation of ln(total). */
  readonly logDeviation: number;
  /** Shares of the variance; sum to 1, largest first. */
  readonly parts: readonly { readonly part: RangePart; readonly share: number }[];
}

export interface RangeQuestion {
  readonly targets: readonly AssessedTarget[];
  readonly contentHash: string;
  readonly timeoutMs: number | null;
  readonly seed: number;
  readonly replications: number;
  /** Targets that are looked at; what averages out is scaled to all of them. */
  readonly lookedAt: number;
}

export function rangeOfTotal(model: DurationModel, question: RangeQuestion): RangeOfTotal {
  const totals = new LogTotals(model, question);
  const { replications } = question;
  let [mean, squares, byRuns, byProjects] = [0, 0, 0, 0];
  for (let r = 0; r < replications; r += 1) {
    const one = totals.of(r, { own: 0, runs: 0 });
    byRuns += (one - totals.of(r, { own: 0, runs: 1 })) ** 2 / 2;
    byProjects += (one - totals.of(r, { own: 1, runs: 2 })) ** 2 / 2;
    mean += one / replications;
    squares += one * one;
  }
  const all = Math.max(0, squares / replications - mean * mean);
  const runs = byRuns / replications;
  const notCommon = Math.max(runs, byProjects / replications);
  const error = model.error ?? MEASURED_ERROR;
  const variances: Readonly<Record<RangePart, number>> = {
    level: Math.max(0, all - notCommon),
    projects: (notCommon - runs) * totals.scale + error.drift ** 2 / totals.seriesInAll,
    runs: runs * totals.scale,
    platform: error.shock ** 2,
  };
  const sum = RANGE_PARTS.reduce((total, part) => total + variances[part], 0);
  const parts = RANGE_PARTS.map((part) => ({ part, share: sum > 0 ? variances[part] / sum : 0 }));
  return { logDeviation: Math.sqrt(sum), parts: parts.toSorted((a, b) => b.share - a.share) };
}

interface OtherLuck {
  readonly own: number;
  readonly runs: number;
}

/** ln of the summed durations of some targets, as their luck has it. */
export class LogTotals {
  /** By which variances that average out are to be scaled. */
  readonly scale: number;
  readonly seriesInAll: number;
  readonly #question: RangeQuestion;
  readonly #targets: readonly { readonly draws: SeriesDraws; readonly name: string }[];

  constructor(model: DurationModel, question: RangeQuestion) {
    const { targets, contentHash, lookedAt } = question;
    // Equally spaced through the list, so that every group of projects is in.
    const step = Math.max(1, targets.length / lookedAt);
    const chosen = Array.from(
      { length: Math.min(targets.length, lookedAt) },
      (_, place) => targets[Math.floor(place * step)] as AssessedTarget,
    );
    this.#question = question;
    this.#targets = chosen.map((target) => ({
      draws: model.draws(seriesOf(target, contentHash)),
      name: target.project,
    }));
    this.scale = chosen.length / targets.length;
    this.seriesInAll = new Set(targets.map(({ project }) => project)).size;
  }

  of(replication: number, { own, runs }: OtherLuck): number {
    const { seed, timeoutMs } = this.#question;
    const content = () => randomStream(seed, 'range content', replication);
    const limitMs = timeoutMs ?? Number.POSITIVE_INFINITY;
    const samplers = new Map<string, DurationSampler>();
    const luck = randomStream(seed, `range runs ${runs}`, replication);
    let total = 0;
    for (const { draws, name } of this.#targets) {
      let sampler = samplers.get(name);
      if (sampler === undefined) {
        sampler = draws.sampler({
          own: randomStream(seed, `range project ${own} ${name}`, replication),
          content,
        });
        samplers.set(name, sampler);
      }
      total += Math.min(limitMs, sampler.draw(luck, 0));
    }
    return Math.log(Math.max(1, total));
  }
}
