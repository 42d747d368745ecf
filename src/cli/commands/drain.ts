/**
 * `penstock drain`: pauses, and waits until nothing that Penstock started is running. It
 * stays paused, also when the wait is broken off.
 *
 * Each look is made by a client of its own, so that a `serve` may stop or begin meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Controls } from '../../api/contract/controls.ts';
import type { PauseTarget } from '../../ports/store.ts';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';
import { type TargetOptions, targetOf, withTarget } from '../targets.ts';

type Options = CommonOptions & TargetOptions & { readonly reason?: string };
type Pause = Controls['pauses'][number];

const LOOK_PACE_MS = 500;

export function register(program: Command): void {
  const command = program
    .command('drain')
    .description('pause, and wait until nothing that Penstock started is running; it stays paused')
    .option('--reason <text>', 'why, for those who wait', 'draining')
    .action(drain);
  example(
    withCommonOptions(withTarget(command)),
    'penstock drain --reason "moving to new machines"',
    'penstock drain --pool linux/s390x && poweroff-s390x',
  );
}

async function drain(options: Options): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { ControlsSchema, OrderedSchema } = await import('../../api/contract/controls.ts');
  const { answer } = await import('../output.ts');
  const { drainedText, drainingText } = await import('../text/controls.ts');
  const { stopSignal } = await import('../stop-signal.ts');
  const { whoOrders } = await import('../../config/who.ts');
  const target = targetOf(options);
  const body = { target, reason: options.reason, by: whoOrders() };
  let interrupted = false;
  const stopAsked = stopSignal().then(() => {
    interrupted = true;
  });
  const { controls } = await withClient(options, QUESTION, (client) =>
    client.order(OrderedSchema, '/v1/controls/pause', body),
  );
  let pause = pauseOf(controls, target);
  let told = '';
  while (!isDrained(pause)) {
    const progress = drainingText(target, pause);
    if (progress !== told) process.stderr.write(`${progress}\n`);
    told = progress;
    await Promise.race([stopAsked, sleep(LOOK_PACE_MS)]);
    if (interrupted) throw await brokenOff(pause);
    const now = await withClient(options, QUESTION, (client) => client.ask(ControlsSchema, '/v1/controls'));
    pause = pauseOf(now, target);
    if (pause === undefined) throw await takenBack();
  }
  answer(options, { target, drained: true }, () => drainedText(target));
}

function pauseOf(controls: Controls, target: PauseTarget): Pause | undefined {
  const text = JSON.stringify(target);
  return controls.pauses.find((pause) => pause.source === 'order' && JSON.stringify(pause.target) === text);
}

function isDrained(pause: Pause | undefined): boolean {
  return pause?.inForce === true && pause.active === 0;
}

async function brokenOff(pause: Pause | undefined): Promise<Error> {
  const { CodedError } = await import('../../core/errors/catalogue.ts');
  const left = pause?.active ?? 0;
  return new CodedError(
    'interrupted',
    `It was stopped while ${left} still ${left === 1 ? 'runs' : 'run'}. It stays paused; "penstock drain" goes on waiting, "penstock resume" takes the pause back.`,
  );
}

async function takenBack(): Promise<Error> {
  const { CodedError } = await import('../../core/errors/catalogue.ts');
  return new CodedError('interrupted', 'Somebody took the pause back meanwhile; "penstock audit" says who.');
}
