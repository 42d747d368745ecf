/** `penstock queue`: what waits, in the order in which it is expected to start. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../options.ts';

type Options = CommonOptions & { readonly limit?: number };

export function register(program: Command): void {
  const command = program
    .command('queue')
    .description('show what waits, why, and when it will start')
    .option('--limit <n>', 'most runs to show (default: 20, with --json 1000)', wholeNumber(1, 10_000))
    .action(show);
  example(withCommonOptions(command), 'penstock queue', "penstock queue --json | jq '.entries[0].because'");
}

async function show(options: Options): Promise<void> {
  const { QUESTION_ABOUT_STARTS, withClient } = await import('../client.ts');
  const { QueueSchema } = await import('../../api/contract.ts');
  const { queueText } = await import('../text/queue.ts');
  const { answer } = await import('../output.ts');
  const limit = options.limit ?? (options.json === true ? 1000 : 20);
  const queue = await withClient(options, QUESTION_ABOUT_STARTS, (client) =>
    client.ask(QueueSchema, `/v1/queue?limit=${limit}`),
  );
  answer(options, queue, () => queueText(queue));
}
