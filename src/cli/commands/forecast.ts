/** `penstock forecast`: what will happen to the queue, with holding and without. */
import type { Command } from 'commander';
import { type CommonOptions, example, wholeNumber, withCommonOptions } from '../options.ts';

type Options = CommonOptions & { readonly replications: number; readonly seed?: number };

export function register(program: Command): void {
  const command = program
    .command('forecast')
    .description('say when everything that waits will be done, and what would happen without holding')
    .option('--replications <n>', 'how many futures to simulate', wholeNumber(1, 10_000), 200)
    .option('--seed <n>', 'repeat the very same futures', wholeNumber(0, 4_294_967_295))
    .action(show);
  example(withCommonOptions(command), 'penstock forecast', 'penstock forecast --json | jq .finishAtMs');
}

async function show(options: Options): Promise<void> {
  const { QUESTION_ABOUT_STARTS, withClient } = await import('../client.ts');
  const { ForecastSchema } = await import('../../api/contract.ts');
  const { forecastText } = await import('../text/forecast.ts');
  const { answer } = await import('../output.ts');
  const seed = options.seed === undefined ? '' : `&seed=${options.seed}`;
  const forecast = await withClient(options, QUESTION_ABOUT_STARTS, (client) =>
    client.ask(ForecastSchema, `/v1/forecast?replications=${options.replications}${seed}`),
  );
  answer(options, forecast, () => forecastText(forecast));
}
