/** `penstock backtest example`: a generated history, to see what a back-test needs and says. */
import type { Command } from 'commander';
import { example, wholeNumber } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('example')
    .description('print a generated history as CSV, to try the back-tests on')
    .option('--workflows <n>', 'how many', wholeNumber(1, 10_000), 200)
    .option('--seed <n>', 'another seed, another history', wholeNumber(0, 4_294_967_295), 1)
    .action(print);
  example(command, 'penstock backtest example > durations.csv');
}

async function print(options: { readonly workflows: number; readonly seed: number }): Promise<void> {
  const { exampleHistories } = await import('../../../core/backtest/example-histories.ts');
  process.stdout.write('workflow,seq,duration_s\n');
  for (const { workflow, runs } of exampleHistories(options.workflows, options.seed)) {
    const lines = runs.map(({ seq, durationMs }) => `${workflow},${seq},${durationMs / 1_000}\n`);
    process.stdout.write(lines.join(''));
  }
}
