/**
 * What kysely's PostgreSQL lacks for the store's queries to mean what they mean on SQLite.
 *
 * Always true: of all processes on one database (and schema) one at a time is in a transaction
 * that writes, so that what it read last is what stands when it writes: the next number of a
 * row, whose turn it is, whether a version is still the one a change was made for. And text is
 * compared byte by byte, whatever the locale of the database.
 */
import {
  CompiledQuery,
  type DatabaseConnection,
  type DataTypeNode,
  type Driver,
  PostgresDialect,
  PostgresDriver,
  type PostgresPool,
  PostgresQueryCompiler,
  type QueryCompiler,
  type TransactionSettings,
} from 'kysely';

/** "Penstock" among the advisory locks of others; the second half is the schema, so that two may share a database. */
const WRITERS_LOCK = 0x50_65_6e_73;

/** One statement, one round trip. The lock goes with the transaction, however that ends. */
const BEGIN_WRITING = `begin; select pg_advisory_xact_lock(${WRITERS_LOCK}, hashtext(coalesce(current_schema(), '')))`;

export class StoreDialect extends PostgresDialect {
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool) {
    super({ pool });
    this.#pool = pool;
  }

  override createDriver(): Driver {
    return new OneWriterDriver({ pool: this.#pool });
  }

  override createQueryCompiler(): QueryCompiler {
    return new ByteOrderCompiler();
  }
}

class OneWriterDriver extends PostgresDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    if (settings.accessMode === 'read only') return super.beginTransaction(connection, settings);
    try {
      await connection.executeQuery(CompiledQuery.raw(BEGIN_WRITING));
    } catch (error) {
      // It may have begun and then waited for the lock in vain.
      await super
        .rollbackTransaction(connection as Parameters<PostgresDriver['rollbackTransaction']>[0])
        .catch(() => {});
      throw error;
    }
  }
}

class ByteOrderCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }
}
