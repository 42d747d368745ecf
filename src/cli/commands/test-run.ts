/** `penstock test-run POLICY --project P`: one real run of a policy on one project; and what is known of earlier ones. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';
import { register as cancel } from './test-run/cancel.ts';
import { register as list } from './test-run/list.ts';
import { register as show } from './test-run/show.ts';

type Options = CommonOptions & {
  readonly project?: string;
  readonly branch?: string;
  readonly key?: string;
  readonly follow?: boolean;
};

export function register(program: Command): void {
  const command = program
    .command('test-run')
    .description('execute the pipeline of a policy on one project, now; at most once an hour')
    .argument('[policy]', 'name of a registered policy, also of one that is disabled')
    .option('--project <project>', 'what it is executed on; it takes an owner of it')
    .option('--branch <branch>', 'of the project (default: its default branch)')
    .option('--key <text>', 'Idempotency-Key: who repeats the command with the same one asks once')
    .option('--follow', 'wait for its end; exit status 1 unless it succeeds')
    .action(ask);
  command.helpCommand(false);
  for (const subcommand of [list, show, cancel]) subcommand(command);
  example(
    withCommonOptions(command),
    'penstock test-run nightly-audit --project payments/ledger --follow',
    'penstock test-run list nightly-audit',
  );
}

async function ask(policy: string | undefined, options: Options): Promise<void> {
  const { CodedError } = await import('../../core/errors/catalogue.ts');
  const { CREATION, withClient } = await import('../client.ts');
  const { TestRunSchema } = await import('../../api/contract/test-runs.ts');
  const { answer } = await import('../output.ts');
  const { followed, testRunsPath } = await import('../test-runs.ts');
  const { askedText, testRunText } = await import('../text/test-runs.ts');
  const { project, branch = null, key } = options;
  if (policy === undefined || project === undefined) {
    throw new CodedError(
      'usage',
      'say which policy and project: penstock test-run POLICY --project PROJECT; see --help',
    );
  }
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const testRun = await withClient(options, { ...CREATION, createsData: false }, async (client) => {
    const asked = await client.order(TestRunSchema, testRunsPath(policy), { project, branch }, headers);
    if (options.follow !== true) return asked;
    if (options.json !== true) process.stderr.write(`${askedText(asked)}\n`);
    return followed(client, asked);
  });
  answer(options, testRun, () => (options.follow === true ? testRunText(testRun) : askedText(testRun)));
  if (options.follow === true && testRun.state !== 'succeeded') process.exitCode = 1;
}
