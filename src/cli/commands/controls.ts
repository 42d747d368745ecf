/** `penstock controls`: what is paused and capped, and which runs were moved to the front. */
import type { Command } from 'commander';
import { type CommonOptions, example, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const command = program
    .command('controls')
    .description('show what is paused and capped, and which runs were moved to the front')
    .action(show);
  example(withCommonOptions(command), 'penstock controls');
}

async function show(options: CommonOptions): Promise<void> {
  const { QUESTION, withClient } = await import('../client.ts');
  const { ControlsSchema } = await import('../../api/contract/controls.ts');
  const { answer } = await import('../output.ts');
  const { controlsText } = await import('../text/controls.ts');
  const controls = await withClient(options, QUESTION, (client) =>
    client.ask(ControlsSchema, '/v1/controls'),
  );
  answer(options, controls, () => controlsText(controls));
}
