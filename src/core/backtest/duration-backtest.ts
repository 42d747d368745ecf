/** Scores of duration forecasts by the number of earlier samples, beside the baselines on the same runs. */
import { BASELINES, type Baseline } from './baselines.ts';
import { HISTORY_BUCKETS } from './histories.ts';
import { type DurationScores, ScoreKeeper } from './scores.ts';
import type { ForecastRun } from './walk.ts';

export interface DurationScoreRow {
  /** Such as "3-4". */
  readonly earlierSamples: string;
  /** Null when no run has so many earlier samples. */
  readonly penstock: DurationScores | null;
  readonly baselines: Readonly<Record<Baseline, DurationScores | null>>;
}

/** From one earlier sample on. */
const EXPERIENCED = '1-59';

interface Keepers {
  readonly name: string;
  readonly penstock: ScoreKeeper;
  readonly baselines: Readonly<Record<Baseline, ScoreKeeper>>;
}

export class DurationBacktest {
  readonly #buckets = HISTORY_BUCKETS.map(({ name }) => keepers(name));
  readonly #experienced = keepers(EXPERIENCED);

  add(run: ForecastRun): void {
    if (run.baselines === null) return;
    const at = HISTORY_BUCKETS.findLastIndex(({ from }) => run.history >= from);
    for (const into of [this.#buckets[at] as Keepers, ...(run.history === 0 ? [] : [this.#experienced])]) {
      into.penstock.add(run.workflow, run.actualMs, run.quantilesMs);
      for (const name of BASELINES) {
        const quantilesMs = run.baselines[name];
        if (quantilesMs !== null) into.baselines[name].add(run.workflow, run.actualMs, quantilesMs);
      }
    }
  }

  /** One row a bucket, and a last one of all runs with earlier samples. */
  rows(): readonly DurationScoreRow[] {
    return [...this.#buckets, this.#experienced].map(({ name, penstock, baselines }) => ({
      earlierSamples: name,
      penstock: penstock.scores(),
      baselines: byBaseline((baseline) => baselines[baseline].scores()),
    }));
  }
}

function keepers(name: string): Keepers {
  return { name, penstock: new ScoreKeeper(), baselines: byBaseline(() => new ScoreKeeper()) };
}

function byBaseline<T>(of: (name: Baseline) => T): Readonly<Record<Baseline, T>> {
  return Object.fromEntries(BASELINES.map((name) => [name, of(name)])) as Record<Baseline, T>;
}
