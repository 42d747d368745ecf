/** `penstock run ...`: the commands about runs themselves, gathered under one word. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as cancel } from './run/cancel.ts';
import { register as create } from './run/create.ts';
import { register as list } from './run/list.ts';
import { register as logs } from './run/logs.ts';
import { register as show } from './run/show.ts';

export function register(program: Command): void {
  const group = program.command('run').description('create, list, show and cancel runs, and read their logs');
  group.helpCommand(false);
  for (const subcommand of [create, list, show, logs, cancel]) subcommand(group);
  example(group, 'penstock run create -f pipeline.yaml --count 10', 'penstock run list');
}
