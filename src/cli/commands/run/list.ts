/** `penstock run list`: live runs first, then finished ones, newest first. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly limit: number; readonly before?: string };

export function register(group: Command): void {
  const command = group
    .command('list')
    .description('list runs: live ones first, then finished ones, newest first')
    .option('--limit <n>', 'most runs to list', wholeNumber(1, 1000), 20)
    .option('--before <cursor>', 'go on after an earlier page: its "next"')
    .action(list);
  example(withCommonOptions(command), 'penstock run list --limit 100');
}

async function list(options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { RunsSchema } = await import('../../../api/contract.ts');
  const { answer } = await import('../../output.ts');
  const { runsText } = await import('../../text/runs.ts');
  const before = options.before === undefined ? '' : `&before=${encodeURIComponent(options.before)}`;
  const page = await withClient(options, QUESTION, (client) =>
    client.ask(RunsSchema, `/v1/runs?limit=${options.limit}${before}`),
  );
  answer(options, page, () => runsText(page, Date.now()));
}
