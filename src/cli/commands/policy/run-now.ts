/** `penstock policy run-now`: an extra occurrence of a policy, at once. */
import type { Command } from 'commander';
import { type CommonOptions, durationMs, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly window?: number; readonly key?: string };

export function register(group: Command): void {
  const command = group
    .command('run-now')
    .description('launch a policy now, besides its schedule, in all projects of its scope')
    .argument('<name>')
    .option(
      '--window <length>',
      "spread the launches over this long (default: the policy's window)",
      durationMs,
    )
    .option('--key <text>', 'name of this order: repeated with the same one, it launches nothing twice')
    .action(runNow);
  example(withCommonOptions(command), 'penstock policy run-now weeknight-audit --window 30s');
}

async function runNow(name: string, options: Options): Promise<void> {
  const { randomUUID } = await import('node:crypto');
  const { CREATION, withClient } = await import('../../client.ts');
  const { OrderedOccurrenceSchema } = await import('../../../api/contract/policies.ts');
  const { answer } = await import('../../output.ts');
  const { policyPath } = await import('../../policies.ts');
  const { orderedText } = await import('../../text/occurrences.ts');
  const { whoOrders } = await import('../../../config/who.ts');
  const window = options.window === undefined ? {} : { windowMs: options.window };
  const body = { key: options.key ?? randomUUID(), by: whoOrders(), ...window };
  const ordered = await withClient(options, CREATION, (client) =>
    client.order(OrderedOccurrenceSchema, `${policyPath(name)}/occurrences`, body),
  );
  answer(options, ordered, () => orderedText(name, ordered));
}
