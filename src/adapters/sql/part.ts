/** What the parts of the store have in common: the database, and one transaction for each write. */
import type { Kysely } from 'kysely';
import type { Tables, Tx } from './schema.ts';

export abstract class SqlPart {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  protected write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    return this.db.transaction().execute(work);
  }
}
