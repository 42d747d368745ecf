/** The part of the store that is about occurrences and launches; see `src/ports/launch-store.ts`. */
import type {
  LaunchChange,
  LaunchCount,
  LaunchPage,
  LaunchRecord,
  LaunchStore,
  OccurrencePage,
  OccurrenceRecord,
  OccurrenceRef,
  PlannedLaunch,
} from '../../../ports/launch-store.ts';
import { SharedHints } from '../others.ts';
import { SqlPart } from '../part.ts';
import type { Tx } from '../schema.ts';
import { changeLaunches, settleFinished } from './changes.ts';
import {
  forgetBefore,
  readCounts,
  readLaunchesOf,
  readLaunchPage,
  readOccurrence,
  readOccurrencePage,
  readOccurrencesFrom,
} from './pages.ts';
import { savePlan } from './plan.ts';
import {
  readDue,
  readExpired,
  readNextAtMs,
  readNextExpiryMs,
  readUnanswered,
  readUnsettled,
} from './queue.ts';

export class SqlLaunchStore extends SqlPart implements LaunchStore {
  readonly changes = new SharedHints<readonly OccurrenceRef[]>((refs) =>
    this.others.tell({ kind: 'occurrences', refs }),
  );

  async progress(): Promise<number | null> {
    const row = await this.db.selectFrom('launch_progress').select('looked_until_ms').executeTakeFirst();
    return row?.looked_until_ms ?? null;
  }

  async saveProgress(lookedUntilMs: number): Promise<void> {
    const values = { looked_until_ms: lookedUntilMs };
    await this.db
      .insertInto('launch_progress')
      .values({ only_row: 1, ...values })
      .onConflict((conflict) => conflict.column('only_row').doUpdateSet(values))
      .execute();
  }

  async savePlan(occurrence: OccurrenceRecord, launches: readonly PlannedLaunch[]): Promise<void> {
    await this.write((tx) => savePlan(tx, occurrence, launches));
    this.changes.tell([{ identity: occurrence.identity, key: occurrence.key }]);
  }

  occurrence(identity: string, key: string): Promise<OccurrenceRecord | null> {
    return readOccurrence(this.db, identity, key);
  }

  occurrencesFrom(startsAtMs: number): Promise<readonly OccurrenceRecord[]> {
    return readOccurrencesFrom(this.db, startsAtMs);
  }

  launchesOf(identity: string, occurrenceKey: string): Promise<readonly LaunchRecord[]> {
    return readLaunchesOf(this.db, identity, occurrenceKey);
  }

  due(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return readDue(this.db, nowMs, limit);
  }

  unanswered(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return readUnanswered(this.db, nowMs, limit);
  }

  nextAtMs(): Promise<number | null> {
    return readNextAtMs(this.db);
  }

  expired(nowMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return readExpired(this.db, nowMs, limit);
  }

  nextExpiryMs(): Promise<number | null> {
    return readNextExpiryMs(this.db);
  }

  change(changes: readonly LaunchChange[]): Promise<number> {
    return this.#changing((tx) => changeLaunches(tx, changes));
  }

  settleFinished(): Promise<number> {
    return this.#changing(settleFinished);
  }

  async #changing(work: (tx: Tx) => Promise<readonly OccurrenceRef[]>): Promise<number> {
    const changed = await this.write(work);
    const occurrences = new Map(changed.map((one) => [JSON.stringify([one.identity, one.key]), one]));
    if (occurrences.size > 0) this.changes.tell([...occurrences.values()]);
    return changed.length;
  }

  unsettled(launchedBeforeMs: number, limit: number): Promise<readonly LaunchRecord[]> {
    return readUnsettled(this.db, launchedBeforeMs, limit);
  }

  occurrences(
    identity: string,
    query: { readonly limit: number; readonly before: string | null },
  ): Promise<OccurrencePage> {
    return readOccurrencePage(this.db, identity, query);
  }

  counts(identity: string, occurrenceKeys: readonly string[]): Promise<readonly LaunchCount[]> {
    return readCounts(this.db, identity, occurrenceKeys);
  }

  launches(
    identity: string,
    occurrenceKey: string,
    query: { readonly limit: number; readonly after: string | null },
  ): Promise<LaunchPage> {
    return readLaunchPage(this.db, { identity, occurrenceKey }, query);
  }

  forgetBefore(startsAtMs: number): Promise<void> {
    return this.write((tx) => forgetBefore(tx, startsAtMs));
  }
}
