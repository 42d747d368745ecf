/** `penstock test-run show`: one test run, and what came of it. */
import type { Command } from 'commander';
import { example } from '../../options.ts';
import { aboutOne } from './about-one.ts';

export function register(group: Command): void {
  const command = group.command('show').description('one test run: its state, and what came of it');
  example(
    aboutOne(command, (client, schema, path) => client.ask(schema, path)),
    'penstock test-run show nightly-audit t-5f2b1d3a8c7e9f0011223344',
  );
}
