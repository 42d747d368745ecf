/** `penstock policy list`: the registered policies, and when each fires next. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('list')
    .description('registered policies, and when each fires next')
    .action(list);
  example(withCommonOptions(command), 'penstock policy list');
}

async function list(options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { allPolicies } = await import('../../policies.ts');
  const { answer } = await import('../../output.ts');
  const { policiesText } = await import('../../text/policies.ts');
  const policies = await withClient(options, { ...QUESTION, createsData: true }, allPolicies);
  answer(options, policies, () => policiesText(policies, Date.now()));
}
