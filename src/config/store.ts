/**
 * Where Penstock keeps what is its own: a file in the data folder, or PostgreSQL.
 *
 * Always true: a password stands in no file of the configuration and in no message; it comes
 * from the environment or from a file of its own.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { mapping, text, wholeNumber } from '../documents/schema-parts.ts';
import type { StoreConfig } from './config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Besides the one of leadership and the one that hears of changes. */
const CONNECTIONS_MAX = 50;
const CONNECTIONS = 8;

/** The password, where no file has it. */
export const STORE_PASSWORD_VARIABLE = 'PENSTOCK_STORE_PASSWORD';
export const STORE_URL_VARIABLE = 'PENSTOCK_STORE_URL';

/** As in other keys: there is none. */
const OFF = 'off';

// It does not begin with "must", so that what stands there, maybe a password, is not shown.
const URL_WRONG =
  'has to be the address of a PostgreSQL database, such as postgres://penstock@db.example:5432/penstock, ' +
  `or off, and without a password: that comes by store.passwordFile or ${STORE_PASSWORD_VARIABLE}`;

const url = z.string({ error: URL_WRONG }).refine(
  (value) => {
    if (value === OFF) return true;
    const parsed = URL.canParse(value) ? new URL(value) : null;
    const isPostgres = parsed?.protocol === 'postgres:' || parsed?.protocol === 'postgresql:';
    return isPostgres && parsed.password === '' && !parsed.searchParams.has('password');
  },
  { error: URL_WRONG },
);

export const STORE_SCHEMA = mapping({
  url: url.default(OFF),
  passwordFile: text('the path of a file').optional(),
  connections: wholeNumber(2, CONNECTIONS_MAX).default(CONNECTIONS),
});

export function storeOf(
  settings: z.output<typeof STORE_SCHEMA>,
  from: { readonly base: string; readonly environment: Environment },
): StoreConfig {
  const { url: address, passwordFile, connections } = settings;
  if (address === OFF) return { kind: 'file' };
  return {
    kind: 'postgres',
    url: address,
    password: passwordOf(from.environment),
    passwordFile: passwordFile === undefined ? null : resolve(from.base, passwordFile),
    connections,
  };
}

/** Of an address from the environment, where a password may stand as other programs have it there. */
export function withoutPassword(address: string): string {
  if (!URL.canParse(address)) return address === OFF ? address : '';
  const parsed = new URL(address);
  parsed.password = '';
  return parsed.href;
}

function passwordOf(environment: Environment): string | null {
  const given = environment[STORE_PASSWORD_VARIABLE];
  if (given !== undefined && given !== '') return given;
  const address = environment[STORE_URL_VARIABLE];
  if (address === undefined || !URL.canParse(address)) return null;
  const { password } = new URL(address);
  return password === '' ? null : decodeURIComponent(password);
}
