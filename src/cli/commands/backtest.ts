/** `penstock backtest ...`: how good the forecasts would have been on a history of one's own. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as durations } from './backtest/durations.ts';
import { register as history } from './backtest/example.ts';
import { register as makespan } from './backtest/makespan.ts';
import { register as policy } from './backtest/policy.ts';
import { register as queue } from './backtest/queue.ts';

export function register(program: Command): void {
  const group = program.command('backtest').description('score forecasts on a history of measured runs');
  group.helpCommand(false);
  for (const subcommand of [durations, makespan, queue, policy, history]) subcommand(group);
  example(
    group,
    'penstock backtest durations durations.csv',
    'penstock backtest makespan durations.csv',
    'penstock backtest queue queue.csv --slots 20',
    'penstock backtest policy durations.csv --projects 1000 --slots 40',
  );
}
