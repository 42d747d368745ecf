/** `penstock test-run cancel`: ends a test run, which then says nothing about its policy. */
import type { Command } from 'commander';
import { example } from '../../options.ts';
import { aboutOne } from './about-one.ts';

export function register(group: Command): void {
  const command = group
    .command('cancel')
    .description('end a test run; it then counts as neither success nor failure');
  example(
    aboutOne(command, (client, schema, path) => client.remove(schema, path)),
    'penstock test-run cancel nightly-audit t-5f2b1d3a8c7e9f0011223344',
  );
}
