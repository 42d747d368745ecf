/** `penstock shadow ...`: Penstock beside what starts runs today. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as report } from './shadow/report.ts';

export function register(program: Command): void {
  const group = program
    .command('shadow')
    .description('compare what happened with what Penstock would have done ("serve --mode shadow" watches)');
  group.helpCommand(false);
  report(group);
  example(group, 'penstock shadow report', 'penstock shadow report --since 7d --size runs=30');
}
