/**
 * Connections to PostgreSQL: few, bounded in every wait, and thrown away once they may be broken.
 *
 * Always true: a connection that ends while nobody or somebody uses it ends no process; an
 * outage is told as a CodedError without a password; numbers come as numbers, in this pool only.
 */
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { assert } from '../../../core/assert.ts';
import { isBroken, storeError } from './postgres-error.ts';
import { clientConfigOf, type PostgresSettings } from './settings.ts';

const CONNECT_MS = 5_000;
/** A process that hangs in the middle of a transaction lets go of the others after this. */
const IDLE_IN_TRANSACTION_MS = 8_000;
const IDLE_MS = 60_000;
const KEEP_ALIVE_MS = 10_000;

/** PostgreSQL's type of epoch milliseconds and of counts, which the driver gives as text. */
const INT8 = 20;

export interface Waits {
  /** For others that write. */
  readonly lockMs: number;
  readonly statementMs: number;
  /** Where the server does not even say that it took too long. */
  readonly answerMs: number;
}

/** Shorter than the waits of the app, so that what it hears is the reason and not that it waited. */
const WORKING: Waits = { lockMs: 8_000, statementMs: 9_000, answerMs: 12_000 };

export function openPool(settings: PostgresSettings, waits: Waits = WORKING): PostgresPool {
  const pool = new pg.Pool({
    ...clientConfigOf(settings),
    max: settings.connections,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    lock_timeout: waits.lockMs,
    statement_timeout: waits.statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: waits.answerMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser: (oid: number, format?: 'text' | 'binary') => parserOf(oid, format) },
  });
  // Without a listener the end of a connection would be the end of the process. Whoever uses it
  // hears of it by the failure of his query; the pool makes a new one when one is asked for.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new StorePool(pool, settings);
}

function parserOf(oid: number, format: 'text' | 'binary' = 'text'): (text: string) => unknown {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

class StorePool implements PostgresPool {
  readonly options: object = {};
  readonly #pool: pg.Pool;
  readonly #settings: PostgresSettings;

  constructor(pool: pg.Pool, settings: PostgresSettings) {
    this.#pool = pool;
    this.#settings = settings;
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      return new StoreClient(await this.#pool.connect(), this.#settings);
    } catch (error) {
      throw storeError(error, this.#settings);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

class StoreClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #settings: PostgresSettings;
  #isBroken = false;

  constructor(client: pg.PoolClient, settings: PostgresSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query<Row>(
    text: string | PostgresCursor<Row>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    assert(typeof text === 'string', 'no kind of cursor was given to kysely');
    return this.#ask(text, values);
  }

  async #ask<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>> {
    try {
      const result: unknown = await this.#client.query(text, values.map(storable));
      return result as PostgresQueryResult<Row>;
    } catch (error) {
      this.#isBroken ||= isBroken(error);
      throw storeError(error, this.#settings);
    }
  }

  release(isDiscarded = false): void {
    this.#client.release(isDiscarded || this.#isBroken);
  }
}

/**
 * PostgreSQL's text has no NUL, and what a run printed may have one. Its whole numbers have no
 * fraction, and all of ours are whole by their meaning: instants, lengths of time, counts.
 */
function storable(value: unknown): unknown {
  if (typeof value === 'number') return Math.floor(value);
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value;
}
