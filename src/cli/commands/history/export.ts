/** `penstock history export`: the runs of a policy as a file, which `history import` and `assess --history` take. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly policy: string; readonly format?: string };

export function register(group: Command): void {
  const command = group
    .command('export')
    .description('runs of a policy on stdout, the newest first')
    .requiredOption('--policy <name>', 'also of one that was renamed or deleted')
    .option('--format <format>', 'jsonl (with the profiles of runs) or csv (default: jsonl)')
    .action((options: Options) => exportRuns(options));
  example(
    withCommonOptions(command),
    'penstock history export --policy nightly-audit --format csv > runs.csv',
  );
}

async function exportRuns(options: Options): Promise<void> {
  const { CodedError } = await import('../../../core/errors/catalogue.ts');
  const { QUESTION, withClient } = await import('../../client.ts');
  const { CSV_HEADER, csvLine, jsonLine } = await import('../../history/export-lines.ts');
  const { runPages } = await import('../../history/run-pages.ts');
  const { format = 'jsonl', policy } = options;
  if (format !== 'jsonl' && format !== 'csv') {
    throw new CodedError('usage', `--format: "${format.slice(0, 40)}" is none; use jsonl or csv.`);
  }
  await withClient(options, QUESTION, async (client) => {
    if (format === 'csv') process.stdout.write(`${CSV_HEADER}\n`);
    for await (const runs of runPages(client, policy)) {
      const lines = runs.map((run) => `${format === 'csv' ? csvLine(run) : jsonLine(run)}\n`);
      process.stdout.write(lines.join(''));
    }
  });
}
