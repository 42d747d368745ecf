/** `penstock history import`: runs that were measured elsewhere become part of a policy's history. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../../options.ts';

type Options = CommonOptions & { readonly policy: string };

export function register(group: Command): void {
  const command = group
    .command('import')
    .description(
      "measured runs into the history of a policy: GitLab's pipelines or jobs, Penstock's export, or a table",
    )
    .argument(
      '<file>',
      'CSV, JSON or JSON lines; for a table: project, duration_s and, if known, started_at, status',
    )
    .requiredOption('--policy <name>', 'policy whose content these runs executed')
    .action((file: string, options: Options) => importRuns(file, options));
  example(withCommonOptions(command), 'penstock history import pipelines.csv --policy nightly-audit');
}

async function importRuns(file: string, options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { answer } = await import('../../output.ts');
  const { readHistoryOf } = await import('../../../documents/history/read-history.ts');
  const { unnamedProjects } = await import('../../../documents/history/named-projects.ts');
  const { sendRuns } = await import('../../history/send-runs.ts');
  const { importedText } = await import('../../text/policy-history.ts');
  const nowMs = Date.now();
  const history = await readHistoryOf(file, nowMs);
  const taken = await withClient(options, QUESTION, (client) =>
    sendRuns(client, options.policy, { samples: history.samples, nowMs }),
  );
  const { format, rows, zeros, leftOut } = history;
  const unnamed = unnamedProjects(history.samples);
  const document = { policy: options.policy, format, rows, ...taken, zeros, leftOut, unnamed };
  answer(options, document, () => importedText(document));
}
