/** The store in a real PostgreSQL: all that is asked of any store. */
import { afterAll, beforeAll, test } from 'vitest';
import { openPostgresStore } from '../../../../src/adapters/sql/postgres/open-postgres.ts';
import { storeConformance } from '../../../conformance/store.ts';
import { requires } from '../../../support/prerequisites.ts';
import { POSTGRESQL, PostgresServer } from './postgres-server.ts';

test('there is a PostgreSQL server to keep a store in', (context) => requires(context, POSTGRESQL));

if (POSTGRESQL.present()) {
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
}
