/** `penstock policy launches`: the launches of one occurrence, each with what became of it. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly limit: number; readonly after?: string };

export function register(group: Command): void {
  const command = group
    .command('launches')
    .description('launches of one occurrence, each with what became of it and why')
    .argument('<name>')
    .argument('<occurrence>', 'its key, as "penstock policy occurrences" shows it')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 1000), 100)
    .option('--after <place>', '"next" of the page before')
    .action(launches);
  example(withCommonOptions(command), 'penstock policy launches weeknight-audit 2026-03-30');
}

async function launches(name: string, key: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { LaunchesSchema } = await import('../../../api/contract/policies.ts');
  const { answer } = await import('../../output.ts');
  const { policyPath } = await import('../../policies.ts');
  const { launchesText } = await import('../../text/occurrences.ts');
  const after = options.after === undefined ? '' : `&after=${encodeURIComponent(options.after)}`;
  const path = `${policyPath(name)}/occurrences/${encodeURIComponent(key)}/launches?limit=${options.limit}${after}`;
  const page = await withClient(options, QUESTION, (client) => client.ask(LaunchesSchema, path));
  answer(options, page, () => launchesText(page, Date.now()));
}
