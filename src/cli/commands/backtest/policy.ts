/** `penstock backtest policy`: assessments of a policy on real durations, scored. */
import type { Command } from 'commander';
import { example, type OutputOptions, wholeNumber } from '../../options.ts';

type Options = OutputOptions & {
  readonly projects: number;
  readonly slots: number;
  readonly policies: number;
  readonly replications: number;
  readonly seed: number;
};

export function register(group: Command): void {
  const command = group
    .command('policy')
    .description('assess policies over many projects from what was known, and score that')
    .argument('<file>', 'CSV with the columns workflow, seq and duration_s')
    .option('--projects <n>', 'projects of a policy', wholeNumber(1, 20_000), 1_000)
    .option('--slots <n>', 'pipelines at once', wholeNumber(1, 10_000), 40)
    .option('--policies <n>', 'policies for each amount of knowledge', wholeNumber(1, 10_000), 20)
    .option('--replications <n>', 'futures simulated for each', wholeNumber(20, 10_000), 100)
    .option('--seed <n>', 'choose and simulate the very same again', wholeNumber(0, 4_294_967_295), 1)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(backtest);
  example(command, 'penstock backtest policy durations.csv --projects 1000 --slots 40');
}

async function backtest(path: string, options: Options): Promise<void> {
  const { policyBacktest } = await import('../../../core/backtest/policy-backtest.ts');
  const { readHistoryFile } = await import('../../history/history-file.ts');
  const { policyBacktestText } = await import('../../text/policy-backtest.ts');
  const { answer } = await import('../../output.ts');
  const { histories, ...read } = await readHistoryFile(path);
  const { projects, slots, policies, replications, seed } = options;
  const asked = { projects, slots, policies, replications, seed };
  const rows = policyBacktest(histories, asked);
  const report = { file: path, workflows: histories.length, ...read, ...asked, rows };
  answer(options, report, () => policyBacktestText(report));
}
