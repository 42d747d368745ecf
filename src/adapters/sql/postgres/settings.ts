/** Which database, and how it is signed in to. */
import { readFile } from 'node:fs/promises';
import type { ClientConfig } from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';

export interface PostgresSettings {
  /** postgres://USER@HOST:PORT/DATABASE, with a password only where that came with the environment. */
  readonly url: string;
  readonly password: string | null;
  /** Read anew for each connection, so that it may be changed while Penstock runs. */
  readonly passwordFile: string | null;
  /** At most so many connections, besides the one of leadership. */
  readonly connections: number;
}

export function clientConfigOf(settings: PostgresSettings): ClientConfig {
  const { url, password, passwordFile } = settings;
  const config = parseIntoClientConfig(url);
  const known = passwordFile === null ? (password ?? config.password) : () => passwordIn(passwordFile);
  const { application_name = 'penstock' } = config;
  return { ...config, application_name, ...(known === undefined || known === '' ? {} : { password: known }) };
}

async function passwordIn(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

/** As people are told which one it is: never with a password. */
export function nameOf({ url }: Pick<PostgresSettings, 'url'>): string {
  const { user, host, port, database } = parseIntoClientConfig(url);
  const place = `${host ?? 'localhost'}${port === undefined ? '' : `:${port}`}`;
  return `postgres://${user === undefined ? '' : `${user}@`}${place}/${database ?? ''}`;
}
