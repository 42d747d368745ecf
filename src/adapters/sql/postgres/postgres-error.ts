/**
 * What PostgreSQL, or the way to it, answers when it does not do as asked, as a user is told.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
import { CodedError } from '../../../core/errors/catalogue.ts';
import { nameOf, type PostgresSettings } from './settings.ts';

/** Connections, resources, the operator's hand, the system's errors. */
const OUTAGE_CLASSES = ['08', '53', '57', '58'];
const OUTAGES: ReadonlySet<string> = new Set([
  '25006', // a standby: it takes no writes
  '25P03', // too long idle in a transaction
  '25P04', // the transaction took too long
  '40001', // could not be serialized
  '40P01', // deadlock
  '55P03', // the lock was not to be had in time
]);
/** Authentication, no such database, no permission. */
const REFUSALS: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '42501', '3F000']);

/** Said by the driver itself, which gives no code then. */
const DRIVER_OUTAGE = /terminated|timeout|Client has encountered a connection error|not queryable|closed/i;

/** A failure that a user can do something about, told in one line; any other is given back as it is. */
export function storeError(error: unknown, settings: Pick<PostgresSettings, 'url'>): unknown {
  const name = nameOf(settings);
  if (isRefusal(error)) {
    const message = `store.url: ${name} does not let Penstock in: ${oneLine(error)}.`;
    return new CodedError('store-refused', message, { field: 'store.url', cause: error });
  }
  if (!isOutage(error)) return error;
  return new CodedError('store-unreachable', `The database ${name} does not answer: ${oneLine(error)}.`, {
    cause: error,
  });
}

/** Nothing more can be asked over the connection that this came from. */
export function isBroken(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === '' || !isSqlState(code) || code.startsWith('08') || code.startsWith('57P') || code === '25P03'
  );
}

function isOutage(error: unknown): boolean {
  const code = codeOf(error);
  if (isSqlState(code)) return OUTAGES.has(code) || OUTAGE_CLASSES.includes(code.slice(0, 2));
  return code !== '' || DRIVER_OUTAGE.test(textOf(error));
}

function isRefusal(error: unknown): boolean {
  return REFUSALS.has(codeOf(error)) || /SASL|password must be a string/.test(textOf(error));
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function oneLine(error: unknown): string {
  // A name with several addresses fails at each of them; the first says it.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const text = textOf(first).split('\n', 1)[0] ?? '';
  return (text === '' ? codeOf(error) : text).replace(/\.$/, '');
}
