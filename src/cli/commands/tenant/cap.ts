/** `penstock tenant cap TENANT POOL=UNITS ...`: how much of a pool it may use at once. */
import type { Command } from 'commander';
import type { Ordered } from '../../../api/contract/controls.ts';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('cap')
    .description('set how much of a pool a tenant may use at once, over its cap in the configuration')
    .argument('<tenant>', 'name of the tenant')
    .argument('<pool=units...>', 'a pool and its most units; "off" takes back what a command set')
    .action(cap);
  example(
    withCommonOptions(command),
    'penstock tenant cap web runs=5 linux/arm64=1',
    'penstock tenant cap web runs=off',
  );
}

interface Wish {
  readonly pool: string;
  readonly units: number | null;
}

async function cap(tenant: string, written: readonly string[], options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { OrderedSchema } = await import('../../../api/contract/controls.ts');
  const { answer } = await import('../../output.ts');
  const { cappedText } = await import('../../text/controls.ts');
  const { whoOrders } = await import('../../../config/who.ts');
  const { CodedError } = await import('../../../core/errors/catalogue.ts');
  const wishes = written.map((text) => {
    const wish = wishOf(text);
    if (wish !== null) return wish;
    throw new CodedError(
      'usage',
      `"${text}" is not a cap; write pool=units with units from 0 to 999999, or pool=off.`,
      { field: 'pool' },
    );
  });
  const by = whoOrders();
  const ordered = await withClient(options, QUESTION, async (client) => {
    const all: Ordered[] = [];
    for (const { pool, units } of wishes) {
      all.push(await client.order(OrderedSchema, '/v1/controls/cap', { tenant, pool, units, by }));
    }
    return all;
  });
  const { controls } = ordered.at(-1) as Ordered;
  const document = { changed: ordered.some(({ changed }) => changed), controls };
  answer(options, document, () => cappedText(tenant, document));
}

function wishOf(text: string): Wish | null {
  const [, pool, units] = /^(.+)=(off|\d{1,6})$/.exec(text) ?? [];
  if (pool === undefined) return null;
  return { pool, units: units === 'off' ? null : Number(units) };
}
