/** `penstock test-run show`: one test run, and what came of it. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('show')
    .description('one test run: its state, and what came of it')
    .argument('<policy>', 'name of the policy')
    .argument('<id>', 'of the test run, as "penstock test-run list" shows it')
    // The word before has the same options, and takes them wherever they stand.
    .action((policy: string, id: string, _own: unknown, self: Command) =>
      show(policy, id, self.optsWithGlobals()),
    );
  example(withCommonOptions(command), 'penstock test-run show nightly-audit t-5f2b1d3a8c7e9f0011223344');
}

async function show(policy: string, id: string, options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { TestRunSchema } = await import('../../../api/contract/test-runs.ts');
  const { answer } = await import('../../output.ts');
  const { testRunPath } = await import('../../test-runs.ts');
  const { testRunText } = await import('../../text/test-runs.ts');
  const testRun = await withClient(options, QUESTION, (client) =>
    client.ask(TestRunSchema, testRunPath(policy, id)),
  );
  answer(options, testRun, () => testRunText(testRun));
}
