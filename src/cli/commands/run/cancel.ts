/** `penstock run cancel RUN`: ends a run, or sees to it that it never starts. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly reason?: string };

export function register(group: Command): void {
  const command = group
    .command('cancel')
    .description('end a run with all its processes, or never start it')
    .argument('<run>', 'id of the run')
    .option('--reason <text>', 'why, for those who look at it later')
    .action(cancel);
  example(withCommonOptions(command), 'penstock run cancel build-k3v9wz-017 --reason "wrong branch"');
}

async function cancel(id: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { CancelledSchema } = await import('../../../api/contract.ts');
  const { answer } = await import('../../output.ts');
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const cancelled = await withClient(options, QUESTION, (client) =>
    client.order(CancelledSchema, `/v1/runs/${encodeURIComponent(id)}/cancel`, body),
  );
  answer(options, cancelled, () => `Cancelled ${id}.`);
}
