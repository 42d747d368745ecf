/** However a command fails: a line for a person, a document for a program, no stack trace. */
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { failureOf } from '../../src/cli/failure.ts';
import { CodedError } from '../../src/core/errors/catalogue.ts';

test('an expected error is its own line', () => {
  const error = new CodedError('run-unknown', 'There is no run "x".');
  expect(failureOf(error, ['explain', 'x'])).toEqual({
    status: 1,
    stdout: '',
    stderr: 'penstock: There is no run "x".\n',
  });
});

test('with --json the problem is the one document on stdout', () => {
  const error = new CodedError('pool-unknown', 'requests.vax: there is no such pool.', {
    field: 'requests.vax',
  });
  const { stdout } = failureOf(error, ['run', 'create', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    type: 'urn:penstock:error:pool-unknown',
    title: 'Request for a pool that is not configured',
    status: 422,
    detail: 'requests.vax: there is no such pool.',
    code: 'pool-unknown',
    field: 'requests.vax',
  });
});

test('an unexpected error is one line, too, and shows its stack only to who asks for it', () => {
  const error = new TypeError('cannot read\n  properties of undefined');
  const { status, stderr } = failureOf(error, ['queue']);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^penstock: something unexpected happened: cannot read properties of undefined .*\n$/,
  );
  expect(stderr).toContain('--log-level debug');
  expect(stderr).not.toContain('    at ');
  expect(failureOf(error, ['queue', '--log-level', 'debug']).stderr).toContain('    at ');
  expect(failureOf(error, ['queue', '--log-level=debug']).stderr).toContain('    at ');
});

test('help and version are no failures', () => {
  const help = new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)');
  expect(failureOf(help, ['--help'])).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('what was thrown need not be an error', () => {
  expect(failureOf('out of luck', []).stderr).toContain('something unexpected happened: out of luck');
});
