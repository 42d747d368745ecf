/** `penstock resume`: takes a pause back. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';
import { type TargetOptions, targetOf, withTarget } from '../targets.ts';

type Options = CommonOptions & TargetOptions;

export function register(program: Command): void {
  const command = program
    .command('resume')
    .description('take a pause back: of everything, or of a tenant or a pool')
    .action(resume);
  example(withCommonOptions(withTarget(command)), 'penstock resume', 'penstock resume --tenant web');
}

async function resume(options: Options): Promise<void> {
  const { QUESTION_ABOUT_STARTS, withClient } = await import('../client.ts');
  const { OrderedSchema } = await import('../../api/contract/controls.ts');
  const { answer } = await import('../output.ts');
  const { resumedText } = await import('../text/controls.ts');
  const { whoOrders } = await import('../../config/who.ts');
  const target = targetOf(options);
  const ordered = await withClient(options, QUESTION_ABOUT_STARTS, (client) =>
    client.order(OrderedSchema, '/v1/controls/resume', { target, by: whoOrders() }),
  );
  answer(options, ordered, () => resumedText(target, ordered));
}
