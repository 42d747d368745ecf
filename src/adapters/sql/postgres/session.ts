/**
 * One connection of its own, for what belongs to a session: a lock that is held for long, or
 * listening. Its end is told once, however it comes, and nothing is asked of it after.
 */
import pg from 'pg';
import { storeError } from './postgres-error.ts';
import { clientConfigOf, type PostgresSettings } from './settings.ts';

const CONNECT_MS = 3_000;
const ANSWER_MS = 3_000;
/** A machine that is gone says nothing: its session ends when so many probes were not answered. */
const PROBES = '-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=4';

export interface SessionOptions {
  /** As others see it in `pg_stat_activity`. */
  readonly name: string;
  /** The server ends a session that asks for nothing for so long; null: never. */
  readonly idleMs: number | null;
  readonly onEnd: () => void;
  readonly onNotice?: (payload: string) => void;
}

type Row = Readonly<Record<string, unknown>>;

export class Session {
  readonly #client: pg.Client;
  readonly #settings: PostgresSettings;
  readonly #options: SessionOptions;
  #hasEnded = false;

  private constructor(settings: PostgresSettings, options: SessionOptions) {
    const config = clientConfigOf(settings);
    const idle = options.idleMs === null ? '' : ` -c idle_session_timeout=${options.idleMs}`;
    this.#settings = settings;
    this.#options = options;
    this.#client = new pg.Client({
      ...config,
      application_name: options.name.slice(0, 63),
      options: [config.options, PROBES + idle].filter(Boolean).join(' '),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      statement_timeout: ANSWER_MS,
      keepAlive: true,
    });
    this.#client.on('error', () => this.end());
    this.#client.on('end', () => this.end());
    this.#client.on('notification', ({ payload }) => options.onNotice?.(payload ?? ''));
  }

  static async open(settings: PostgresSettings, options: SessionOptions): Promise<Session> {
    const session = new Session(settings, options);
    try {
      await session.#client.connect();
      return session;
    } catch (error) {
      session.#hasEnded = true;
      session.#client.end().catch(() => {});
      throw storeError(error, settings);
    }
  }

  /** Whatever goes wrong ends the session. */
  async query(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      const { rows } = await this.#client.query<Row>(text, [...values]);
      return rows;
    } catch (error) {
      this.end();
      throw storeError(error, this.#settings);
    }
  }

  /** Also when the server does not answer any more: nothing is waited for. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#client.end().catch(() => {});
    this.#options.onEnd();
  }

  /** Lets what was asked for be done, and then ends it. */
  async close(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#client.end().catch(() => {});
  }
}
