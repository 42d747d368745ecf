/**
 * Walks forward through histories: each run is forecast from what came before it, then
 * learned. All workflows take their first run, then all their second, and so on, since the
 * file says nothing of time but the order within a workflow; nothing later is ever known.
 */
import { LearnedDurations } from '../duration/learned-durations.ts';
import { type BaselineForecasts, baselineForecasts } from './baselines.ts';
import { PUBLIC_FIRST, SCORED_PER_WORKFLOW, seriesOf, type WorkflowHistory } from './histories.ts';
import { LogHistogram } from './log-histogram.ts';
import { LEVELS } from './scores.ts';

export interface ForecastRun {
  readonly workflow: string;
  readonly seq: number;
  /** Earlier runs of the workflow. */
  readonly history: number;
  readonly actualMs: number;
  /** At `LEVELS`. */
  readonly quantilesMs: readonly number[];
  /** Null beyond the runs that are scored. */
  readonly baselines: BaselineForecasts | null;
}

const SECOND_MS = 1_000;

export function* walkForward(histories: readonly WorkflowHistory[]): Iterable<ForecastRun> {
  const learned = new LearnedDurations({ first: PUBLIC_FIRST });
  const pool = new LogHistogram();
  let nothingPooled: readonly number[] | null = null;
  const longest = histories.reduce((most, { runs }) => Math.max(most, runs.length), 0);
  for (let nth = 0; nth < longest; nth += 1) {
    for (const { workflow, runs } of histories) {
      const run = runs[nth];
      if (run === undefined) continue;
      const series = seriesOf(workflow);
      const quantilesMs = learned.glance().quantiles(series, LEVELS);
      nothingPooled ??= quantilesMs;
      const pooled = pool.total === 0 ? nothingPooled : pool.quantiles(LEVELS);
      const isScored = nth < SCORED_PER_WORKFLOW;
      const history = isScored ? runs.slice(0, nth).map(({ durationMs }) => durationMs) : [];
      yield {
        workflow,
        seq: run.seq,
        history: nth,
        actualMs: run.durationMs,
        quantilesMs,
        baselines: isScored ? baselineForecasts(history, pooled, LEVELS) : null,
      };
      learned.record({
        ...series,
        startedAtMs: nth * SECOND_MS,
        durationMs: run.durationMs,
        outcome: 'succeeded',
      });
      if (isScored) pool.add(run.durationMs);
    }
  }
}
