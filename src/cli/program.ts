/**
 * The commands. Each is a file of its own that registers itself with what its `--help` says,
 * and loads what it works with only when it runs: help has to be instant.
 *
 * Exit status: 0 done, 1 error; of `assess` also 2 "does not fit" and 3 "too little evidence".
 */
import { Command } from 'commander';
import { register as assess } from './commands/assess.ts';
import { register as audit } from './commands/audit.ts';
import { register as backtest } from './commands/backtest.ts';
import { register as controls } from './commands/controls.ts';
import { register as demo } from './commands/demo.ts';
import { register as drain } from './commands/drain.ts';
import { register as explain } from './commands/explain.ts';
import { register as forecast } from './commands/forecast.ts';
import { register as front } from './commands/front.ts';
import { register as history } from './commands/history.ts';
import { register as manifests } from './commands/manifests.ts';
import { register as needs } from './commands/needs.ts';
import { register as pause } from './commands/pause.ts';
import { register as policy } from './commands/policy.ts';
import { register as pools } from './commands/pools.ts';
import { register as queue } from './commands/queue.ts';
import { register as resume } from './commands/resume.ts';
import { register as run } from './commands/run.ts';
import { register as serve } from './commands/serve.ts';
import { register as shadow } from './commands/shadow.ts';
import { register as tenant } from './commands/tenant.ts';
import { register as testRun } from './commands/test-run.ts';
import { register as token } from './commands/token.ts';
import { register as webhook } from './commands/webhook.ts';
import { failureOf } from './failure.ts';
import { version } from './version.ts';

const TOP_HELP = `
Start here:
  $ penstock demo          300 real runs behind 20 slots, on this machine
  $ penstock run create -f pipeline.yaml --count 10
  $ penstock serve         hold runs and start what fits, until Ctrl-C
  $ penstock queue         what waits, why, and until when
  $ penstock policy show policy.yml --projects 812
                           what a scheduled policy will start, and when
  $ penstock assess policy.yml --projects 812 --runners 40 --duration 7m
                           what enabling it will do, and whether it fits

All commands but demo, policy and assess work on one data folder (--data, .penstock by default):
through the serve that runs on it, or by themselves when none does. With --json
there is exactly one JSON document on stdout, also for an error, and nothing
else. Exit status: 0 done, 1 error. "penstock COMMAND --help" says more.`;

function buildProgram(): Command {
  const program = new Command('penstock')
    .description('Flow control for CI/CD pipelines: hold runs, start what fits, forecast what will happen.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText('after', TOP_HELP)
    .exitOverride()
    // Errors are reported in one line and one place: at the end of this file.
    .configureOutput({ writeErr: () => {}, outputError: () => {} });
  for (const register of [demo, serve, queue, explain, forecast, run, pools]) register(program);
  for (const register of [pause, resume, drain, front, tenant, controls, audit]) register(program);
  for (const register of [manifests, webhook, needs, policy, history, assess, backtest]) register(program);
  for (const register of [shadow, testRun, token]) register(program);
  return program;
}

/** Carries out one command line, tells of its failure, and sets the exit status of this process. */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, args);
  }
}

/** Writes what failed to where it belongs; returns the exit status. */
export function report(error: unknown, args: readonly string[]): number {
  const { status, stdout, stderr } = failureOf(error, args);
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  return status;
}
