/** `penstock backtest durations`: each run forecast from those before it, and scored. */
import type { Command } from 'commander';
import { example, type OutputOptions } from '../../options.ts';

type Options = OutputOptions & { readonly predictions?: string };

export function register(group: Command): void {
  const command = group
    .command('durations')
    .description('forecast each run from the runs before it, and score that beside what others do')
    .argument('<file>', 'CSV with the columns workflow, seq and duration_s')
    .option('--predictions <out>', 'write each forecast there, as CSV')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(backtest);
  example(command, 'penstock backtest durations durations.csv --json --predictions forecasts.csv');
}

async function backtest(path: string, options: Options): Promise<void> {
  const { walkForward } = await import('../../../core/backtest/walk.ts');
  const { DurationBacktest } = await import('../../../core/backtest/duration-backtest.ts');
  const { readHistoryFile } = await import('../../history/history-file.ts');
  const { PredictionsFile } = await import('../../history/predictions-file.ts');
  const { durationBacktestText } = await import('../../text/backtest.ts');
  const { answer } = await import('../../output.ts');
  const { histories, ...read } = await readHistoryFile(path);
  const predictions = options.predictions === undefined ? null : new PredictionsFile(options.predictions);
  const scored = new DurationBacktest();
  for (const run of walkForward(histories)) {
    scored.add(run);
    await predictions?.write(run);
  }
  await predictions?.close();
  const report = { file: path, workflows: histories.length, ...read, rows: scored.rows() };
  answer(options, report, () => durationBacktestText(report));
}
