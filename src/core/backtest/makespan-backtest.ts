/** Scores of forecasts of whole queues, by the number of earlier runs. */
import type { WorkflowHistory } from './histories.ts';
import { eligible, forecastBatch, MAKESPAN_ROWS, type MakespanOptions } from './makespan.ts';
import { type MomentScores, momentScores } from './makespan-scores.ts';

export interface MakespanRow {
  /** Such as "5-9". */
  readonly earlierRuns: string;
  /** Workflows that batches are chosen from; too few of them and the batches are much the same. */
  readonly workflows: number;
  /** Runs of each batch: fewer than asked for when there are not enough workflows. */
  readonly runs: number;
  readonly batches: number;
  /** Null when no workflow has enough runs. */
  readonly makespan: MomentScores | null;
  readonly lastStart: MomentScores | null;
  readonly mostDone: MomentScores | null;
}

export function makespanBacktest(
  histories: readonly WorkflowHistory[],
  options: MakespanOptions & { readonly batches: number },
): readonly MakespanRow[] {
  return MAKESPAN_ROWS.map((row) => {
    const among = eligible(histories, row);
    const none = { makespan: null, lastStart: null, mostDone: null };
    if (among.length === 0) return { earlierRuns: row.name, workflows: 0, runs: 0, batches: 0, ...none };
    const forecasts = Array.from({ length: options.batches }, (_, nth) =>
      forecastBatch(among, row, { nth, options }),
    );
    return {
      earlierRuns: row.name,
      workflows: among.length,
      runs: forecasts[0]?.runs ?? 0,
      batches: forecasts.length,
      makespan: momentScores(forecasts, 'finishMs'),
      lastStart: momentScores(forecasts, 'lastStartMs'),
      mostDone: momentScores(forecasts, 'mostDoneMs'),
    };
  });
}
