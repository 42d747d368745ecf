/** `penstock history ...`: bringing the history of a policy in and out. */
import type { Command } from 'commander';
import { example } from '../options.ts';
import { register as exportRuns } from './history/export.ts';
import { register as importRuns } from './history/import.ts';

export function register(program: Command): void {
  const group = program.command('history').description('import and export the runs of a policy');
  group.helpCommand(false);
  importRuns(group);
  exportRuns(group);
  example(group, 'penstock history import pipelines.csv --policy nightly-audit');
}
