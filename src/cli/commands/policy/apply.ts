/** `penstock policy apply`: registers the policies of a file, or replaces them. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly ifVersion?: number };

export function register(group: Command): void {
  const command = group
    .command('apply')
    .description('create or replace the policies of a file in the registry')
    .argument('<file>', "YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy")
    .option('--if-version <n>', 'only if this is its version now; for a file with one policy', Number)
    .action(apply);
  example(withCommonOptions(command), 'penstock policy apply audit.yaml');
}

async function apply(file: string, options: Options): Promise<void> {
  const { CREATION, withClient } = await import('../../client.ts');
  const { AppliedPolicySchema } = await import('../../../api/contract/policies.ts');
  const { answer } = await import('../../output.ts');
  const { documentsOf, ifVersion, policyPath } = await import('../../policies.ts');
  const { appliedText } = await import('../../text/policies.ts');
  const { whoOrders } = await import('../../../config/who.ts');
  const documents = await documentsOf(file, Date.now());
  const headers = ifVersion(options.ifVersion, documents.length);
  const applied = await withClient(options, { ...CREATION, aboutStarts: false }, async (client) => {
    const answers = [];
    for (const { name, document } of documents) {
      const path = policyPath(name, { by: whoOrders() });
      answers.push(await client.put(AppliedPolicySchema, path, document, headers));
    }
    return answers;
  });
  answer(options, { policies: applied }, () => appliedText(applied));
}
