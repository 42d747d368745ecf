/**
 * A PostgreSQL server of a test's own: in a folder for the time being, on loopback, ended by its
 * process id. Its locale sorts as people do and not byte by byte, as many databases are made.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { describe, test } from 'vitest';
import type { PostgresSettings } from '../../../../src/adapters/sql/postgres/settings.ts';
import { PATIENCE, type Prerequisite, requires } from '../../../support/prerequisites.ts';

/** Where Debian and Ubuntu put it, a folder a version. */
const VERSIONS = '/usr/lib/postgresql';
const LOOPBACK = '127.0.0.1';
const UP_WITHIN_MS = 30_000;
const PROGRAM_MS = 60_000;
const PASSWORD = 'a word: not/to@be#told';

const POSTGRESQL: Prerequisite = {
  name: 'a PostgreSQL server, and a minute',
  remedy: 'npm run test:all has both',
  present: () => PATIENCE.present() && programFolder() !== null,
};

/** Cases that need a server; where there is none, one that says so. */
export function withPostgres(name: string, cases: () => void): void {
  if (POSTGRESQL.present()) describe(name, cases);
  else test(name, (context) => requires(context, POSTGRESQL));
}

/** The newest there is; null for none. */
function programFolder(): string | null {
  if (!existsSync(VERSIONS)) return null;
  const versions = readdirSync(VERSIONS)
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a);
  const folders = versions.map((version) => join(VERSIONS, String(version), 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

export class PostgresServer {
  readonly password = PASSWORD;
  readonly port: number;
  readonly #folder: string;
  readonly #isDurable: boolean;
  readonly #user: { readonly uid: number; readonly gid: number } | null;
  #process: ChildProcess | null = null;
  #databases = 0;

  private constructor(folder: string, port: number, isDurable: boolean) {
    this.#isDurable = isDurable;
    this.#folder = folder;
    this.port = port;
    this.#user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null;
  }

  /** `isDurable`: as it is made for production; else a power cut may take what it acknowledged, and it is faster. */
  static async start({ isDurable = false } = {}): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'penstock-pg-'));
    const server = new PostgresServer(folder, await freePort(), isDurable);
    await server.#init();
    await server.start();
    return server;
  }

  async #init(): Promise<void> {
    const passwordFile = join(this.#folder, 'password');
    await writeFile(passwordFile, PASSWORD);
    if (this.#user !== null) {
      const { uid, gid } = this.#user;
      for (const path of [this.#folder, passwordFile]) chownSync(path, uid, gid);
    }
    chmodSync(this.#folder, 0o700);
    const how = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--username=penstock', '--no-sync'];
    const locale = ['--encoding=UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en'];
    execFileSync(program('initdb'), ['-D', this.#data, ...how, ...locale, '--no-instructions'], {
      ...this.#user,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: PROGRAM_MS,
    });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  /** Also after it was ended. */
  async start(): Promise<void> {
    const place = { listen_addresses: LOOPBACK, unix_socket_directories: this.#folder };
    const fast = this.#isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
    const settings = { ...place, ...fast, max_connections: 60 };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#process = spawn(program('postgres'), ['-D', this.#data, '-p', String(this.port), ...args], {
      ...this.#user,
      cwd: this.#folder,
      stdio: 'ignore',
    });
    await this.#up();
  }

  async #up(): Promise<void> {
    for (const giveUpAtMs = performance.now() + UP_WITHIN_MS; ; await pause(50)) {
      try {
        return await this.query('select 1').then(() => undefined);
      } catch (error) {
        if (performance.now() > giveUpAtMs || this.#process?.exitCode !== null) throw error;
      }
    }
  }

  /** `SIGINT`: at once, with every connection cut; `SIGKILL`: it finds out what was when it is started again. */
  async stop(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A new, empty database. */
  async database(given: Partial<PostgresSettings> = {}): Promise<PostgresSettings> {
    this.#databases += 1;
    const name = `store_${this.#databases}`;
    await this.query(`create database ${name}`);
    return { url: this.url(name), password: PASSWORD, passwordFile: null, connections: 4, ...given };
  }

  url(database: string): string {
    return `postgres://penstock@${LOOPBACK}:${this.port}/${database}`;
  }

  /** A connection past our own code; whoever asks ends it. */
  async connect(database = 'postgres'): Promise<pg.Client> {
    const address = { host: LOOPBACK, port: this.port, database };
    const client = new pg.Client({ ...address, user: 'penstock', password: PASSWORD });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async query(text: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect(database);
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
}

function program(name: string): string {
  return join(programFolder() ?? VERSIONS, name);
}

/** A server does not run as root; the package made a user for it. */
function idOf(which: '-u' | '-g'): number {
  return Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
