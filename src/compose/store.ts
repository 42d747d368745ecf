/** Opens the store that is configured, and how leadership is won in it. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../adapters/sql/open-sqlite.ts';
import type { Config } from '../config/config.ts';
import { type Leadership, soleLeadership } from '../ports/leadership.ts';
import type { Log } from '../ports/log.ts';
import type { Store } from '../ports/store.ts';

export interface OpenedStore {
  readonly store: Store;
  readonly isStoreShared: boolean;
  /** For engines without a lease of their own. */
  readonly standInStore: () => Leadership;
}

/** `stays`: the process wants to hear what others change. */
export async function openStore(config: Config, log: Log, stays: boolean): Promise<OpenedStore> {
  const { store: configured, dataFolder } = config;
  if (configured.kind === 'file') {
    const store = await openSqliteStore(join(dataFolder, 'penstock.db'));
    // The data folder is locked, so there is no other.
    return { store, isStoreShared: false, standInStore: () => soleLeadership };
  }
  const { openPostgresStore } = await import('../adapters/sql/postgres/open-postgres.ts');
  const { PostgresLeadership } = await import('../adapters/sql/postgres/leadership.ts');
  const name = `${hostname()}:${process.pid}`;
  return {
    store: await openPostgresStore(configured, { log: stays ? log : null }),
    isStoreShared: true,
    standInStore: () => new PostgresLeadership(configured, { name, log }),
  };
}
