/** `penstock policy ...`: the commands about scheduled policies, gathered under one word. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as show } from './policy/show.ts';
import { register as validate } from './policy/validate.ts';

export function register(program: Command): void {
  const group = program
    .command('policy')
    .description('check scheduled policies, and preview what they will start');
  group.helpCommand(false);
  for (const subcommand of [validate, show]) subcommand(group);
  example(group, 'penstock policy validate policy.yml', 'penstock policy show policy.yml --projects 812');
}
