import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/adapters/sql/open-sqlite.ts';
import { storeConformance } from '../../conformance/store.ts';

storeConformance('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'penstock-store-'));
  const path = join(folder, 'data', 'penstock.db');
  let current = await openSqliteStore(path);
  return {
    store: current,
    reopen: async () => {
      await current.close();
      current = await openSqliteStore(path);
      return current;
    },
    dispose: async () => {
      await current.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
