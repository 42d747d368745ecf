/** `penstock backtest queue`: a real queue replayed under Penstock's admission, its forecasts scored. */
import type { Command } from 'commander';
import { durationMs, example, type OutputOptions, wholeNumber } from '../../options.ts';

type Options = OutputOptions & {
  readonly slots: number;
  readonly oneTenant?: boolean;
  readonly patience: number;
  readonly moments: number;
  readonly replications: number;
  readonly seed: number;
};

const HALF_AN_HOUR_MS = 1_800_000;

export function register(group: Command): void {
  const command = group
    .command('queue')
    .description('replay the arrivals of a queue under Penstock, and score forecasts of starts and finishes')
    .argument('<file>', 'CSV with submit_s, start_s, end_s and maybe procs, user, queue; or SWF')
    .requiredOption('--slots <n>', 'how many procs there are', wholeNumber(1, 1_000_000))
    .option('--one-tenant', 'share nothing out between users: first come, first served')
    .option('--patience <duration>', 'after so long a run is overdue', durationMs, HALF_AN_HOUR_MS)
    .option('--moments <n>', 'moments at which the queue is forecast', wholeNumber(1, 10_000), 100)
    .option('--replications <n>', 'futures simulated for each', wholeNumber(20, 10_000), 100)
    .option('--seed <n>', 'simulate the very same again', wholeNumber(0, 4_294_967_295), 1)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(backtest);
  example(
    command,
    'penstock backtest queue queue.csv --slots 20',
    'penstock backtest queue trace.swf --slots 128 --json',
  );
}

async function backtest(path: string, options: Options): Promise<void> {
  const { readQueueFile } = await import('../../history/queue-file.ts');
  const { queueBacktest } = await import('../../history/queue-backtest.ts');
  const { queueBacktestText } = await import('../../text/queue-backtest.ts');
  const { answer } = await import('../../output.ts');
  const { slots, patience, moments, replications, seed } = options;
  const { runs, ...read } = await readQueueFile(path, { slots, oneTenant: options.oneTenant === true });
  const settings = { slots, patienceMs: patience, moments, replications, seed };
  const report = { file: path, ...read, ...settings, ...queueBacktest(runs, settings) };
  answer(options, report, () => queueBacktestText(report));
}
