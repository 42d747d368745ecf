/**
 * Options that several commands share, and the forms in which people write durations and
 * pairs. Light on purpose: every command's help loads it.
 */
import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { DURATION_HINT, parseDuration } from '../documents/duration.ts';

/** Where a command finds Penstock. */
export interface WhereOptions {
  readonly data?: string;
  readonly config?: string;
  readonly server?: string;
  /** For the server; see `token.ts` for where else it may come from. */
  readonly token?: string;
  readonly tokenFile?: string;
  readonly logLevel?: string;
}

export interface OutputOptions {
  readonly json?: boolean;
}

export type CommonOptions = WhereOptions & OutputOptions;

export function withCommonOptions(command: Command): Command {
  return withLocalOptions(command)
    .option('--server <url>', 'ask the Penstock at this address instead of the one of the data folder')
    .option('--token-file <file>', 'file with the token for that server (or PENSTOCK_TOKEN_FILE)')
    .option(
      '--token <token>',
      'the token itself; others on the machine can see it, so better use a file or PENSTOCK_TOKEN',
    );
}

export function withLocalOptions(command: Command): Command {
  return command
    .option('--data <folder>', 'data folder (default: from the configuration, else .penstock)')
    .option('--config <file>', 'configuration (default: penstock.yaml, when it is there)')
    .option('--log-level <level>', 'debug, info, warn or error, on stderr')
    .option('--json', 'print one JSON document on stdout and nothing else there');
}

export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
}

/** Of an argument that is a file or the name of a registered policy: a file that is there wins. */
export function isPolicyName(fileOrName: string): boolean {
  return !existsSync(fileOrName) && !/[./]/.test(fileOrName);
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw new InvalidArgumentError(`It must be ${DURATION_HINT}.`);
}

/** A moment in milliseconds since the epoch: given as one, in the time zone of the machine unless it says so, or as how long ago. */
export function instantOrAgo(text: string): number {
  const agoMs = parseDuration(text);
  if (agoMs !== null) return Date.now() - agoMs;
  // A date alone would be read as one in UTC.
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text;
  const atMs = /^\d{4}-\d{2}-\d{2}T/.test(moment) ? Date.parse(moment) : Number.NaN;
  if (!Number.isNaN(atMs) && atMs >= 0) return atMs;
  throw new InvalidArgumentError(`It must be a moment such as 2026-11-20T08:00, or ${DURATION_HINT} ago.`);
}

/** A date, or a date and time with its offset: the same everywhere. */
export function instant(text: string): number {
  const ms = Date.parse(text);
  const isExact = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  if (isExact && Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError('It must be a date, or a date and time with its offset.');
}

/** Collects repeated `name=value` options; the first "=" separates. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('It must be written name=value.');
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
  return { ...before, [name]: text.slice(at + 1) };
}

/** Collects repeated `pool=units` options. */
export function request(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const at = text.lastIndexOf('=');
  const units = text.slice(at + 1);
  if (at <= 0 || !/^[1-9]\d{0,5}$/.test(units)) {
    throw new InvalidArgumentError('It must be written pool=units, with units from 1 to 999999.');
  }
  const pool = text.slice(0, at);
  if (Object.hasOwn(before, pool)) throw new InvalidArgumentError(`"${pool}" is given twice.`);
  return { ...before, [pool]: Number(units) };
}
