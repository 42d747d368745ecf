/** The part of the store that is about policies; see `src/ports/policy-store.ts`. */
import type { RunId } from '../../../core/model/run.ts';
import type {
  PolicyChange,
  PolicyRecord,
  PolicyRun,
  PolicyState,
  PolicyStore,
} from '../../../ports/policy-store.ts';
import { keepNamed } from '../history/keeping-named.ts';
import { SharedHints } from '../others.ts';
import { SqlPart } from '../part.ts';
import { carryOutChange, readNamed, readRecords, readState } from './registry.ts';
import { addRuns, nameRuns, readRuns, readRunsObservedAs } from './runs.ts';

export class SqlPolicyStore extends SqlPart implements PolicyStore {
  readonly changes = new SharedHints<void>(() => this.others.tell({ kind: 'policies' }));

  state(): Promise<PolicyState> {
    return this.read(readState);
  }

  named(name: string): Promise<PolicyRecord | null> {
    return readNamed(this.db, name);
  }

  records(identities: readonly string[]): Promise<readonly PolicyRecord[]> {
    return readRecords(this.db, identities);
  }

  async change(basedOn: number, change: PolicyChange): Promise<boolean> {
    const isDone = await this.write((tx) => carryOutChange(tx, basedOn, change));
    if (isDone) this.changes.tell();
    return isDone;
  }

  addRuns(runs: readonly PolicyRun[]): Promise<void> {
    return this.write((tx) => addRuns(tx, runs));
  }

  nameRuns(made: readonly { readonly askedId: RunId; readonly runId: RunId }[]): Promise<void> {
    return this.write(async (tx) => {
      await nameRuns(tx, made);
      await keepNamed(
        tx,
        made.map(({ runId }) => runId),
      );
    });
  }

  runs(askedIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
    return readRuns(this.db, askedIds);
  }

  runsObservedAs(runIds: readonly RunId[]): Promise<readonly PolicyRun[]> {
    return readRunsObservedAs(this.db, runIds);
  }
}
