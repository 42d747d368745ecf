/** `penstock pause`: starts nothing more; what runs goes on. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';
import { type TargetOptions, targetOf, withTarget } from '../targets.ts';

type Options = CommonOptions & TargetOptions & { readonly reason?: string };

export function register(program: Command): void {
  const command = program
    .command('pause')
    .description('start nothing more of everything, a tenant or a pool; what runs goes on')
    .option('--reason <text>', 'why, for those who wait')
    .action(pause);
  example(
    withCommonOptions(withTarget(command)),
    'penstock pause --reason "database upgrade"',
    'penstock pause --pool linux/s390x',
  );
}

async function pause(options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { OrderedSchema } = await import('../../api/contract/controls.ts');
  const { answer } = await import('../output.ts');
  const { pausedText } = await import('../text/controls.ts');
  const { whoOrders } = await import('../../config/who.ts');
  const target = targetOf(options);
  const body = { target, reason: options.reason ?? null, by: whoOrders() };
  const ordered = await withClient(options, QUESTION, (client) =>
    client.order(OrderedSchema, '/v1/controls/pause', body),
  );
  answer(options, ordered, () => pausedText(target, ordered));
}
