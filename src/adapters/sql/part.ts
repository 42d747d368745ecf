/** What the parts of the store have in common: the database, and one transaction for each write. */
import type { Kysely } from 'kysely';
import { NO_OTHERS, type Others } from './others.ts';
import type { Tables, Tx } from './schema.ts';

export abstract class SqlPart {
  protected readonly db: Kysely<Tables>;

  protected readonly others: Others;

  constructor(db: Kysely<Tables>, others: Others = NO_OTHERS) {
    this.db = db;
    this.others = others;
  }

  /** Several questions to one and the same state. */
  protected read<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(work);
  }

  protected write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.db.transaction().execute(work);
  }
}
