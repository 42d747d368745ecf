/** `penstock policy occurrences`: what a policy launched, and is about to. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly limit: number };

export function register(group: Command): void {
  const command = group
    .command('occurrences')
    .description('occurrences of a policy, the latest first, with what became of their launches')
    .argument('<name>')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 200), 20)
    .action(occurrences);
  example(withCommonOptions(command), 'penstock policy occurrences weeknight-audit');
}

async function occurrences(name: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { OccurrencesSchema } = await import('../../../api/contract/policies.ts');
  const { answer } = await import('../../output.ts');
  const { policyPath } = await import('../../policies.ts');
  const { occurrencesText } = await import('../../text/occurrences.ts');
  const page = await withClient(options, QUESTION, (client) =>
    client.ask(OccurrencesSchema, `${policyPath(name)}/occurrences?limit=${options.limit}`),
  );
  answer(options, page, () => occurrencesText(page, Date.now()));
}
