/** `penstock test-run list`: the test runs of a policy, the last first. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly limit?: number };

export function register(group: Command): void {
  const command = group
    .command('list')
    .description('test runs of a policy, the last asked for first')
    .argument('<policy>', 'name of the policy, also of one that was renamed or deleted')
    .option('--limit <n>', 'most test runs to show (default: 20)', wholeNumber(1, 200))
    // The word before has the same options, and takes them wherever they stand.
    .action((policy: string, _own: unknown, self: Command) => list(policy, self.optsWithGlobals()));
  example(withCommonOptions(command), 'penstock test-run list nightly-audit');
}

async function list(policy: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { TestRunsSchema } = await import('../../../api/contract/test-runs.ts');
  const { answer } = await import('../../output.ts');
  const { testRunsPath } = await import('../../test-runs.ts');
  const { testRunsText } = await import('../../text/test-runs.ts');
  const page = await withClient(options, QUESTION, (client) =>
    client.ask(TestRunsSchema, `${testRunsPath(policy)}?limit=${options.limit ?? 20}`),
  );
  answer(options, page, () => testRunsText(page.testRuns));
}
