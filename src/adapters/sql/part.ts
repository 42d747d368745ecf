/** What the parts of the store have in common: the database, and one transaction for each write. */
import type { Kysely } from 'kysely';
import { NO_OTHERS, type Others } from './others.ts';
import type { Tables, Tx } from './schema.ts';
import { Turns } from './turns.ts';

/** One for all parts of a store. */
export interface InCommon {
  readonly others: Others;
  readonly turns: Turns;
}

export function alone(): InCommon {
  return { others: NO_OTHERS, turns: new Turns() };
}

export abstract class SqlPart {
  protected readonly db: Kysely<Tables>;

  protected readonly others: Others;
  readonly #turns: Turns;

  constructor(db: Kysely<Tables>, { others, turns }: InCommon = alone()) {
    this.db = db;
    this.others = others;
    this.#turns = turns;
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
    return this.#turns.take(() => this.db.transaction().execute(work));
  }
}
