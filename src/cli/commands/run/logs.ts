/** `penstock run logs RUN`: what its steps have written. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('logs')
    .description('print what the steps of a run have written')
    .argument('<run>', 'id of the run')
    .action(logs);
  example(withCommonOptions(command), 'penstock run logs build-k3v9wz-017');
}

async function logs(id: string, options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { LogsSchema } = await import('../../../api/contract.ts');
  const { answer } = await import('../../output.ts');
  const { logsText } = await import('../../text/runs.ts');
  const found = await withClient(options, QUESTION, (client) =>
    client.ask(LogsSchema, `/v1/runs/${encodeURIComponent(id)}/logs`),
  );
  answer(options, found, () => logsText(found));
}
