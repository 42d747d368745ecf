/** `penstock front RUN`: lets a held run go before all others. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';

type Options = CommonOptions & { readonly undo?: boolean };

export function register(program: Command): void {
  const command = program
    .command('front')
    .description('move a held run to the front: it goes before all others, as soon as it fits')
    .argument('<run>', 'id of the run')
    .option('--undo', 'take an earlier move back')
    .action(front);
  example(withCommonOptions(command), 'penstock front build-k3v9wz-017');
}

async function front(id: string, options: Options): Promise<void> {
  const { QUESTION_ABOUT_STARTS, withClient } = await import('../client.ts');
  const { ExplanationSchema } = await import('../../api/contract.ts');
  const { answer } = await import('../output.ts');
  const { whoOrders } = await import('../../config/who.ts');
  const body = { by: whoOrders(), undo: options.undo ?? false };
  const explanation = await withClient(options, QUESTION_ABOUT_STARTS, (client) =>
    client.order(ExplanationSchema, `/v1/runs/${encodeURIComponent(id)}/front`, body),
  );
  answer(options, explanation, () => explanation.lines.join('\n'));
}
