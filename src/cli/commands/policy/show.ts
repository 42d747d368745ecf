/** `penstock policy show`: when the policies of a file, or a registered one, will start what, and where. */
import type { Command } from 'commander';
import {
  type CommonOptions,
  example,
  instant,
  isPolicyName,
  wholeNumber,
  withCommonOptions,
} from '../../options.ts';

type Options = CommonOptions & {
  readonly occurrences: number;
  readonly launches: number;
  readonly projects?: string;
  readonly policy?: string;
  readonly from?: number;
};

export function register(group: Command): void {
  const command = group
    .command('show')
    .description(
      'preview the policies of a file, or a registered one: what they execute, and when it starts where',
    )
    .argument(
      '<file or name>',
      "YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy; else the name of a registered one",
    )
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
    .action(show);
  example(
    withCommonOptions(command),
    'penstock policy show policy.yml --projects 812 --occurrences 3',
    'penstock policy show audit.yaml --projects projects.json --json',
    'penstock policy show weeknight-audit',
  );
}

async function show(fileOrName: string, options: Options): Promise<void> {
  const { preview } = await import('../../policy-preview.ts');
  const { answer } = await import('../../output.ts');
  const { previewDocument } = await import('../../policy-preview-document.ts');
  const { previewText } = await import('../../text/policy-preview.ts');
  const given = { ...options, fromMs: options.from ?? Date.now() };
  const previews = isPolicyName(fileOrName)
    ? await registered(fileOrName, given)
    : await preview(fileOrName, given);
  answer(options, previewDocument(previews, options.launches), () => previewText(previews, options.launches));
}

async function registered(name: string, options: Options & { readonly fromMs: number }) {
  const { QUESTION, withClient } = await import('../../client.ts');
  const { PolicyDetailSchema } = await import('../../../api/contract/policies.ts');
  const { policyPath } = await import('../../policies.ts');
  const { previewRegistered } = await import('../../policy-preview.ts');
  const stored = await withClient(options, QUESTION, (client) =>
    client.ask(PolicyDetailSchema, policyPath(name)),
  );
  return previewRegistered(stored, options);
}
