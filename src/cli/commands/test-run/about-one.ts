/** What the commands about one test run have in common: which it is, and that it is shown. */
import type { Command } from 'commander';
import type { TestRunBody, TestRunSchema } from '../../../api/contract/test-runs.ts';
import type { Client } from '../../client.ts';
import { type CommonOptions, withCommonOptions } from '../../options.ts';

/** Asks for it, or orders something of it. */
type Request = (client: Client, schema: typeof TestRunSchema, path: string) => Promise<TestRunBody>;

export function aboutOne(command: Command, request: Request): Command {
  command
    .argument('<policy>', 'name of the policy')
    .argument('<id>', 'of the test run, as "penstock test-run list" shows it')
    // The word before has the same options, and takes them wherever they stand.
    .action((policy: string, id: string, _own: unknown, self: Command) =>
      run(request, { policy, id }, self.optsWithGlobals()),
    );
  return withCommonOptions(command);
}

async function run(
  request: Request,
  { policy, id }: { readonly policy: string; readonly id: string },
  options: CommonOptions,
): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { TestRunSchema } = await import('../../../api/contract/test-runs.ts');
  const { answer } = await import('../../output.ts');
  const { testRunPath } = await import('../../test-runs.ts');
  const { testRunText } = await import('../../text/test-runs.ts');
  const testRun = await withClient(options, QUESTION, (client) =>
    request(client, TestRunSchema, testRunPath(policy, id)),
  );
  answer(options, testRun, () => testRunText(testRun));
}
