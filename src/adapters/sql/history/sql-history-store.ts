/** The part of the store that is the history of policies; see `src/ports/history-store.ts`. */
import { assert } from '../../../core/assert.ts';
import {
  type ForgetQuery,
  type HistoryStore,
  PAST_RUNS_AT_A_TIME,
  type PastRun,
  type PastRunPage,
} from '../../../ports/history-store.ts';
import { SqlPart } from '../part.ts';
import { addPastRuns, forgetPastRuns, readNextIdentity, readPastRuns } from './rows.ts';

export class SqlHistoryStore extends SqlPart implements HistoryStore {
  add(identity: string, runs: readonly PastRun[]): Promise<number> {
    assert(runs.length <= PAST_RUNS_AT_A_TIME, 'a batch is bounded');
    const kept = runs.map((run) => ({ ...run, identity }));
    return this.write((tx) => addPastRuns(tx, kept));
  }

  page(query: Parameters<HistoryStore['page']>[0]): Promise<PastRunPage> {
    return readPastRuns(this.db, query);
  }

  nextIdentity(after: string | null): Promise<string | null> {
    return readNextIdentity(this.db, after);
  }

  forget(query: ForgetQuery): Promise<number> {
    return this.write((tx) => forgetPastRuns(tx, query));
  }
}
