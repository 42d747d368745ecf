/** `penstock token ...`: the commands about tokens, gathered under one word. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as create } from './token/create.ts';

export function register(program: Command): void {
  const group = program.command('token').description('make tokens for those who come in over HTTP');
  group.helpCommand(false);
  create(group);
  example(group, 'penstock token create --name mia --role owner --project payments/ledger');
}
