/** `penstock policy show`: when the policies of a file will start what, and where. */
import type { Command } from 'commander';
import { example, instant, type OutputOptions, wholeNumber } from '../../options.ts';

type Options = OutputOptions & {
  readonly occurrences: number;
  readonly launches: number;
  readonly projects?: string;
  readonly policy?: string;
  readonly from?: number;
  readonly config?: string;
};

export function register(group: Command): void {
  const command = group
    .command('show')
    .description('preview the policies of a file: what they execute, and when it will start where')
    .argument('<file>', "YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy")
    .option('--occurrences <n>', 'how many occurrences of each', wholeNumber(1, 1000), 5)
    .option(
      '--projects <n or file>',
      'how many projects are in scope, or a file that lists projects (default: those of the configuration)',
    )
    .option(
      '--launches <n>',
      'how many launches of the first occurrence to list',
      wholeNumber(0, 100_000),
      10,
    )
    .option('--policy <name>', 'only this one of the file')
    .option(
      '--from <time>',
      'preview from this moment on, such as 2026-03-01T00:00:00Z (default: now)',
      instant,
    )
    .option('--config <file>', 'configuration (default: penstock.yaml, when it is there)')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(show);
  example(
    command,
    'penstock policy show policy.yml --projects 812 --occurrences 3',
    'penstock policy show audit.yaml --projects projects.json --json',
  );
}

async function show(file: string, options: Options): Promise<void> {
  const { preview } = await import('../../policy-preview.ts');
  const { answer } = await import('../../output.ts');
  const { previewDocument } = await import('../../policy-preview-document.ts');
  const { previewText } = await import('../../text/policy-preview.ts');
  const previews = await preview(file, { ...options, fromMs: options.from ?? Date.now() });
  answer(options, previewDocument(previews, options.launches), () => previewText(previews, options.launches));
}
