/** `penstock policy delete`: launches nothing of a policy any more; what runs goes on. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly ifVersion?: number };

export function register(group: Command): void {
  const command = group
    .command('delete')
    .description('delete a registered policy: nothing of it is launched any more; what runs goes on')
    .argument('<name>')
    .option('--if-version <n>', 'only if this is its version', Number)
    .action(remove);
  example(withCommonOptions(command), 'penstock policy delete weeknight-audit');
}

async function remove(name: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { answer } = await import('../../output.ts');
  const { ifVersion, policyPath } = await import('../../policies.ts');
  const { whoOrders } = await import('../../../config/who.ts');
  const { DeletedPolicySchema } = await import('../../../api/contract/policies.ts');
  const path = policyPath(name, { by: whoOrders() });
  const headers = ifVersion(options.ifVersion);
  const deleted = await withClient(options, QUESTION, (client) =>
    client.remove(DeletedPolicySchema, path, headers),
  );
  answer(options, deleted, () => `Policy ${name} is deleted; what runs of it goes on.`);
}
