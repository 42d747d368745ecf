/** `penstock pools`: how much of what there is, and who waits for it. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const command = program
    .command('pools')
    .description('show the pools: size, use, and how many wait')
    .action(show);
  example(withCommonOptions(command), 'penstock pools');
}

async function show(options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { PoolsSchema } = await import('../../api/contract.ts');
  const { poolsText } = await import('../text/pools.ts');
  const { answer } = await import('../output.ts');
  const pools = await withClient(options, QUESTION, (client) => client.ask(PoolsSchema, '/v1/pools'));
  answer(options, pools, () => poolsText(pools.pools));
}
