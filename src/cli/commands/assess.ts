/** `penstock assess`: what enabling a scheduled policy will do, from files alone or for a registered one. */
import type { Command } from 'commander';
import type { AssessOptions } from '../assessment/options.ts';
import { percentage, poolSize, several, timeOrMoment } from '../assessment/options.ts';
import { scenario } from '../assessment/what-if.ts';
import { durationMs, example, instant, isPolicyName, wholeNumber, withCommonOptions } from '../options.ts';

const STATUS = { fits: 0, 'does-not-fit': 2, 'too-little-evidence': 3 } as const;

export function register(program: Command): void {
  const command = program
    .command('assess')
    .description(
      'say what enabling a scheduled policy will do: how much at once, until when, how sure that is',
    )
    .argument(
      '<file or name>',
      "YAML: GitLab's policy.yml, or documents of kind PipelineExecutionPolicy; else the name of a registered one",
    )
    .option('--policy <name>', 'which of the file, when it has several')
    .option('--projects <n or file>', 'how many projects are in scope, or a file that lists projects')
    .option('--branches <n>', 'branches of each project (default: as the policy says)', wholeNumber(1, 100))
    .option(
      '--runners <n>',
      'pipelines that can run at once: the size of the pool runs',
      wholeNumber(0, 999_999),
    )
    .option('--pool <name=size>', 'the size of another pool; may be given several times', poolSize)
    .option(
      '--history <file>',
      "runs: GitLab's pipelines or jobs, or a table; may be given several times",
      several,
    )
    .option('--duration <time>', 'a guess of what one pipeline typically takes, such as 7m', durationMs)
    .option('--duration-p90 <time>', 'and of what one in ten exceeds (default: 3 times as long)', durationMs)
    .option('--timeout <time>', "of one pipeline, from its start (default: the policy's)", durationMs)
    .option('--occurrence <n>', 'which occurrence to come', wholeNumber(1, 1000), 1)
    .option('--from <time>', 'as if it were this moment, such as 2026-03-01T00:00:00Z', instant)
    .option(
      '--max-peak <n>',
      'fits only if at most so many pipelines are wanted at once',
      wholeNumber(0, 999_999),
    )
    .option(
      '--finish-by <time>',
      "fits only if all is done by then, such as 06:00 in the policy's zone",
      timeOrMoment,
    )
    .option('--max-timeouts <share>', 'fits only if at most this share times out, such as 1%', percentage)
    .option('--what-if <changes>', 'compare: window=4h,runners=60; may be given several times', scenario)
    .option('--against <file>', 'compare with the policy as it was, under the same name in another file')
    .option('--replications <n>', 'futures to simulate', wholeNumber(20, 10_000), 200)
    .option('--seed <n>', 'simulate the very same again', wholeNumber(0, 4_294_967_295), 1)
    .option('--markdown', 'print a comment for a merge request')
    .action(run);
  command.addHelpText(
    'after',
    '\nExit status: 0 it fits, 2 it does not fit, 3 too little evidence to say, 1 error.',
  );
  example(
    withCommonOptions(command),
    'penstock assess policy.yml --projects 812 --runners 40 --duration 7m',
    'penstock assess policy.yml --projects 812 --runners 40 --history runs.csv --what-if window=4h --what-if runners=60',
    'penstock assess policy.yml --projects projects.json --runners 40 --history runs.csv --finish-by 06:00',
    'penstock assess weeknight-audit --max-peak 40',
  );
}

async function run(fileOrName: string, options: AssessOptions): Promise<void> {
  const { assessmentBlocks } = await import('../text/assessment/document.ts');
  const { markdownText, terminalText } = await import('../text/assessment/blocks.ts');
  const { answer } = await import('../output.ts');
  const { document, gathering } = isPolicyName(fileOrName)
    ? await ofRegistered(fileOrName, options)
    : await ofFile(fileOrName, options);
  answer(options, document, () => {
    const blocks = assessmentBlocks(document, gathering);
    return options.markdown === true ? markdownText(blocks) : terminalText(blocks);
  });
  process.exitCode = STATUS[document.verdict.answer];
}

async function ofRegistered(name: string, options: AssessOptions) {
  const { assessRegistered } = await import('../assessment/registered.ts');
  const document = await assessRegistered(name, options);
  const none = { histories: [], areProjectsAssumed: false, guessFactor: null, guess: null };
  return { document, gathering: { file: name, ...none, isWithQueue: true } };
}

async function ofFile(file: string, options: AssessOptions) {
  const { gather } = await import('../assessment/gather.ts');
  const { assess } = await import('../../core/assessment/assess.ts');
  const { finished } = await import('../../core/assessment/steps.ts');
  const gathered = await gather(file, options);
  const against =
    options.against === undefined
      ? null
      : {
          label: options.against,
          question: (await gather(options.against, { ...options, policy: gathered.question.policy.name }))
            .question,
        };
  const assessment = finished(assess(gathered.question, { scenarios: options.whatIf ?? [], against }));
  return {
    document: { file, ...assessment, histories: gathered.histories },
    gathering: { ...gathered, guess: gathered.question.guess, isWithQueue: false },
  };
}
