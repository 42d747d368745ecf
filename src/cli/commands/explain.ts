/** `penstock explain RUN`: why it waits, its place, and when it will start. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const command = program
    .command('explain')
    .description('say why a run waits, its place in the queue, and when it will start')
    .argument('<run>', 'id of the run, as "penstock queue" shows it')
    .action(explain);
  example(withCommonOptions(command), 'penstock explain build-k3v9wz-017');
}

async function explain(id: string, options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { ExplanationSchema } = await import('../../api/contract.ts');
  const { answer } = await import('../output.ts');
  const explanation = await withClient(options, QUESTION, (client) =>
    client.ask(ExplanationSchema, `/v1/runs/${encodeURIComponent(id)}/explanation`),
  );
  answer(options, explanation, () => explanation.lines.join('\n'));
}
