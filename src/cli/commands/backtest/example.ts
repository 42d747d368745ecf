/** `penstock backtest example`: a generated history, to see what a back-test needs and says. */
import type { Command } from 'commander';
import { example, wholeNumber } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('example')
    .description('print a generated history as CSV, to try the back-tests on')
    .option('--workflows <n>', 'how many', wholeNumber(1, 10_000), 200)
    .option('--queue', 'a queue to replay, for `backtest queue`, instead')
    .option('--days <n>', 'of the queue', wholeNumber(1, 60), 14)
    .option('--slots <n>', 'that the queue keeps busy by three quarters', wholeNumber(1, 10_000), 20)
    .option('--seed <n>', 'another seed, another history', wholeNumber(0, 4_294_967_295), 1)
    .action(print);
  example(
    command,
    'penstock backtest example > durations.csv',
    'penstock backtest example --queue --slots 20 > queue.csv',
  );
}

interface Options {
  readonly workflows: number;
  readonly queue?: boolean;
  readonly days: number;
  readonly slots: number;
  readonly seed: number;
}

async function print(options: Options): Promise<void> {
  if (options.queue === true) return printQueue(options);
  const { exampleHistories } = await import('../../../core/backtest/example-histories.ts');
  process.stdout.write('workflow,seq,duration_s\n');
  for (const { workflow, runs } of exampleHistories(options.workflows, options.seed)) {
    const lines = runs.map(({ seq, durationMs }) => `${workflow},${seq},${durationMs / 1_000}\n`);
    process.stdout.write(lines.join(''));
  }
}

async function printQueue({ days, slots, seed }: Options): Promise<void> {
  const { exampleQueue } = await import('../../../core/backtest/example-queue.ts');
  process.stdout.write('submit_s,start_s,end_s,procs,user,queue\n');
  for (const { submitS, durationS, user, queue } of exampleQueue(days, slots, seed)) {
    process.stdout.write(`${submitS},${submitS},${submitS + durationS},1,${user},${queue}\n`);
  }
}
