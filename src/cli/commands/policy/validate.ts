/** `penstock policy validate`: everything that is wrong or surprising in a policy file. */
import type { Command } from 'commander';
import { example, type OutputOptions } from '../../options.ts';

export function register(group: Command): void {
  const command = group
    .command('validate')
    .description("check a policy file, Penstock's or GitLab's: errors, and what is legal but surprising")
    .argument('<file>', "YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy")
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(validate);
  example(command, 'penstock policy validate .gitlab/security-policies/policy.yml');
}

async function validate(file: string, options: OutputOptions): Promise<void> {
  const { openPolicyFile } = await import('../../policy-file.ts');
  const { answer } = await import('../../output.ts');
  const { validationText } = await import('../../text/policy-problems.ts');
  const read = await openPolicyFile(file, Date.now());
  const isValid = read.problems.every(({ severity }) => severity !== 'error');
  const policies = read.policies.map(({ policy, contentHash, configHash, isContentKnown }) => ({
    name: policy.name,
    format: policy.format,
    enabled: policy.enabled,
    contentHash,
    configHash,
    contentKnown: isContentKnown,
  }));
  answer(options, { file, valid: isValid, policies, problems: read.problems }, () =>
    validationText(file, read),
  );
  if (!isValid) process.exitCode = 1;
}
