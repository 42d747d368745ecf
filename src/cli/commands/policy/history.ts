/** `penstock policy history`: how the runs of a policy went. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly by?: string };

export function register(group: Command): void {
  const command = group
    .command('history')
    .description('how the runs of a policy went: by cause, by content, by project and over time')
    .argument('<name>', 'also of one that was renamed or deleted')
    .option('--by <period>', 'day or week (default: week)')
    .action(history);
  example(withCommonOptions(command), 'penstock policy history nightly-audit');
}

async function history(name: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { PolicyHistorySchema } = await import('../../../api/contract/history.ts');
  const { answer } = await import('../../output.ts');
  const { policyPath } = await import('../../policies.ts');
  const { policyHistoryText } = await import('../../text/policy-history.ts');
  const { by = 'week' } = options;
  const path = `${policyPath(name)}/history?by=${encodeURIComponent(by)}`;
  const view = await withClient(options, QUESTION, (client) => client.ask(PolicyHistorySchema, path));
  answer(options, view, () => policyHistoryText(view));
}
