/** The store in a real PostgreSQL: all that is asked of any store. */
import { afterAll, beforeAll } from 'vitest';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import { storeConformance } from '../../../conformance/store.ts';
import { PostgresServer, withPostgres } from './postgres-server.ts';

withPostgres('the store in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.dispose());

  storeConformance('PostgreSQL', async () => {
    const settings = await server.database();
    let current = await openPostgresStore(settings);
    return {
      store: current,
      reopen: async () => {
        await current.close();
        current = await openPostgresStore(settings);
        return current;
      },
      dispose: () => current.close(),
    };
  });
});
