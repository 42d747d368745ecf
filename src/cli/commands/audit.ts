/** `penstock audit`: who ordered what, the last order first. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../options.ts';

type Options = CommonOptions & { readonly limit: number; readonly before?: string };

export function register(program: Command): void {
  const command = program
    .command('audit')
    .description('show who paused, resumed, capped or moved what, the last first')
    .option('--limit <n>', 'most orders to show', wholeNumber(1, 1000), 20)
    .option('--before <cursor>', 'go on after an earlier page: its "next"')
    .action(show);
  example(withCommonOptions(command), 'penstock audit');
}

async function show(options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { AuditSchema } = await import('../../api/contract/controls.ts');
  const { answer } = await import('../output.ts');
  const { auditText } = await import('../text/controls.ts');
  const before = options.before === undefined ? '' : `&before=${encodeURIComponent(options.before)}`;
  const audit = await withClient(options, QUESTION, (client) =>
    client.ask(AuditSchema, `/v1/audit?limit=${options.limit}${before}`),
  );
  answer(options, audit, () => auditText(audit, Date.now()));
}
