/** The outlook of a queue as a job for another thread. */
import type { Job } from '../jobs/job.ts';
import { type RunRow, runsOf } from '../jobs/run-rows.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type OutlookColumns, outlook } from './outlook.ts';

/** A snapshot without its runs: those are the rows. */
type OutlookHead = Omit<Snapshot, 'held' | 'active'>;

export const outlookJob: Job<OutlookHead, RunRow, null, OutlookColumns> = {
  prepare(head, rows) {
    const snapshot = { ...head, ...runsOf(rows) };
    return () => outlook(snapshot);
  },
};
