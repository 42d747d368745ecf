/** `penstock policy ...`: the commands about scheduled policies, gathered under one word. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as apply } from './policy/apply.ts';
import { register as remove } from './policy/delete.ts';
import { register as history } from './policy/history.ts';
import { register as launches } from './policy/launches.ts';
import { register as list } from './policy/list.ts';
import { register as occurrences } from './policy/occurrences.ts';
import { register as runNow } from './policy/run-now.ts';
import { register as show } from './policy/show.ts';
import { register as validate } from './policy/validate.ts';

export function register(program: Command): void {
  const group = program
    .command('policy')
    .description('check, preview and register scheduled policies, and follow what they launch');
  group.helpCommand(false);
  for (const subcommand of [validate, show, list, apply, remove]) subcommand(group);
  for (const subcommand of [runNow, occurrences, launches, history]) subcommand(group);
  example(
    group,
    'penstock policy validate policy.yml',
    'penstock policy show policy.yml --projects 812',
    'penstock policy apply audit.yaml',
  );
}
