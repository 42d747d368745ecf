/** `penstock backtest makespan`: whole queues of real runs, forecast and scored. */
import type { Command } from 'commander';
import { example, type OutputOptions, wholeNumber } from '../../options.ts';

type Options = OutputOptions & {
  readonly batch: number;
  readonly slots: number;
  readonly batches: number;
  readonly replications: number;
  readonly seed: number;
};

export function register(group: Command): void {
  const command = group
    .command('makespan')
    .description('forecast when batches of real runs behind a few slots are done, and score that')
    .argument('<file>', 'CSV with the columns workflow, seq and duration_s')
    .option('--batch <n>', 'runs of a batch, three of each workflow', wholeNumber(3, 10_000), 300)
    .option('--slots <n>', 'runs at once', wholeNumber(1, 10_000), 20)
    .option('--batches <n>', 'batches for each number of earlier runs', wholeNumber(1, 10_000), 100)
    .option('--replications <n>', 'futures simulated for each batch', wholeNumber(10, 10_000), 100)
    .option('--seed <n>', 'choose and simulate the very same again', wholeNumber(0, 4_294_967_295), 1)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(backtest);
  example(command, 'penstock backtest makespan durations.csv --batch 300 --slots 20');
}

async function backtest(path: string, options: Options): Promise<void> {
  const { makespanBacktest } = await import('../../../core/backtest/makespan-backtest.ts');
  const { readHistoryFile } = await import('../../history/history-file.ts');
  const { makespanBacktestText } = await import('../../text/backtest.ts');
  const { answer } = await import('../../output.ts');
  const { histories, ...read } = await readHistoryFile(path);
  const { batch, slots, batches, replications, seed } = options;
  const rows = makespanBacktest(histories, { batch, slots, batches, replications, seed });
  const report = { file: path, workflows: histories.length, ...read, batch, slots, replications, seed, rows };
  answer(options, report, () => makespanBacktestText(report));
}
