/** `penstock tenant ...`: orders about one tenant. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as cap } from './tenant/cap.ts';

export function register(program: Command): void {
  const group = program.command('tenant').description('set how much a tenant may use at once');
  group.helpCommand(false);
  cap(group);
  example(group, 'penstock tenant cap web runs=5');
}
