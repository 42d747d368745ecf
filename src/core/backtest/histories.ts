/** Histories to test forecasts on: how long the runs of some workflows took, one after the other. */
import type { Series } from '../duration/model.ts';
import type { Estimate } from '../model/run.ts';

export interface WorkflowHistory {
  readonly workflow: string;
  /** Oldest first; `seq` is what the file calls the run, ascending. */
  readonly runs: readonly { readonly seq: number; readonly durationMs: number }[];
}

/** Workflows of a back-test know nothing of each other but that all are there. */
export function seriesOf(workflow: string): Series {
  return { project: workflow, tenant: workflow, contentHash: workflow };
}

/** Where a back-test begins: what runs of public CI histories take. `npm run fit:durations` computes it. */
export const PUBLIC_FIRST: Estimate = { p50Ms: 180_000, p90Ms: 1_800_000 };

/** Only the first runs of a workflow are scored, so that a few busy ones do not decide the result. */
export const SCORED_PER_WORKFLOW = 60;

/** By earlier samples: name and the least number of them. */
export const HISTORY_BUCKETS: readonly { readonly name: string; readonly from: number }[] = [
  { name: '0', from: 0 },
  { name: '1', from: 1 },
  { name: '2', from: 2 },
  { name: '3-4', from: 3 },
  { name: '5-9', from: 5 },
  { name: '10-19', from: 10 },
  { name: '20-59', from: 20 },
];
