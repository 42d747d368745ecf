/** `penstock run show RUN`: everything known of one run. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('show')
    .description('show one run')
    .argument('<run>', 'id of the run')
    .action(show);
  example(withCommonOptions(command), 'penstock run show build-k3v9wz-017');
}

async function show(id: string, options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { RunDetailSchema } = await import('../../../api/contract.ts');
  const { answer } = await import('../../output.ts');
  const { runText } = await import('../../text/runs.ts');
  const run = await withClient(options, QUESTION, (client) =>
    client.ask(RunDetailSchema, `/v1/runs/${encodeURIComponent(id)}`),
  );
  answer(options, run, () => runText(run, Date.now()));
}
