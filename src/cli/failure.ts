/**
 * The one place where a command fails. A person gets one line on stderr; with `--json` a
 * program also gets the problem as the one JSON document on stdout, as the API would have
 * answered. A stack trace is shown to nobody who did not ask for `--log-level debug`.
 */
import { CommanderError } from 'commander';
import { CodedError, ERRORS } from '../core/errors/catalogue.ts';

export interface Failure {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const NONE: Failure = { status: 0, stdout: '', stderr: '' };

/** What to print, and the exit status; help and version are thrown, too, but are no failures. */
export function failureOf(thrown: unknown, argv: readonly string[]): Failure {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return NONE;
  const error = codedErrorOf(thrown);
  const stack = error.code === 'internal' && wantsDebug(argv) ? `${stackOf(thrown)}\n` : '';
  return {
    status: 1,
    stdout: argv.includes('--json') ? `${JSON.stringify(problem(error), null, 2)}\n` : '',
    stderr: `penstock: ${oneLine(error.message)}\n${stack}`,
  };
}

function codedErrorOf(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  if (thrown instanceof CommanderError) return new CodedError('usage', usageLine(thrown));
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new CodedError(
    'internal',
    `something unexpected happened: ${what} (a mistake of Penstock; --log-level debug says more)`,
  );
}

/** The shape of the API's problems, without loading the API. */
function problem(error: CodedError): object {
  return {
    type: `urn:penstock:error:${error.code}`,
    title: ERRORS[error.code].title,
    status: error.status,
    detail: oneLine(error.message),
    code: error.code,
    ...(error.field === null ? {} : { field: error.field }),
    ...(error.retry === null ? {} : { retryAtMs: error.retry.atMs }),
  };
}

function usageLine(error: CommanderError): string {
  if (error.code === 'commander.help') return 'say what to do, for example "penstock run list"; see --help';
  const text = oneLine(error.message.replace(/^error: /, '')).replace(
    /\(Did you mean (.*)\?\)$/,
    '(did you mean $1?)',
  );
  return `${text.replace(/\.$/, '')}; see --help`;
}

function wantsDebug(argv: readonly string[]): boolean {
  return argv.includes('--log-level=debug') || argv[argv.indexOf('--log-level') + 1] === 'debug';
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
