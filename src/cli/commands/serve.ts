/** `penstock serve`: holds runs and starts what fits, until it is told to stop. */
import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { FollowedTokens } from '../follow-tokens.ts';
import { type CommonOptions, example, withLocalOptions } from '../options.ts';

type Options = CommonOptions & {
  readonly host?: string;
  readonly port?: string;
  readonly mode?: string;
  readonly slots?: string;
};

export function register(program: Command): void {
  const command = program
    .command('serve')
    .description('hold runs and start what fits, until Ctrl-C; runs go on when it stops')
    .option('--port <port>', 'HTTP: read-only without tokens; 0 takes any free port, "off" none')
    .option('--host <address>', 'address to listen on; other than loopback only with tokens')
    .option('--mode <mode>', 'enforce, or shadow: observe and explain, start nothing')
    .option('--slots <n>', 'size of the pool "runs": how many run at once')
    .action(serve);
  example(
    withLocalOptions(command),
    'penstock serve --slots 20',
    'penstock serve --config ci/penstock.yaml --port 0',
  );
}

async function serve(options: Options): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { startServing } = await import('../serving.ts');
  const { followTokens } = await import('../follow-tokens.ts');
  const { answer } = await import('../output.ts');
  const { stopSignal } = await import('../stop-signal.ts');
  const stopAsked = stopSignal();
  const config = await loadConfig({ file: options.config, flags: options });
  const serving = await startServing(config, { who: 'penstock serve' });
  const { url, socketPath } = serving;
  const document = { dataFolder: config.dataFolder, url, socketPath, processId: process.pid };
  answer(options, document, () => greeting(config, url));
  const { composition } = serving;
  const { log } = composition;
  const take: FollowedTokens['take'] = (tokens) => composition.takeTokens(tokens);
  const unfollow = followTokens({ config, flags: options, log, take });
  const signal = await stopAsked;
  unfollow();
  process.stderr.write(`${signal}: starting nothing more; what runs goes on.\n`);
  await serving.stop();
}

function greeting({ dataFolder, access }: Config, url: string | null): string {
  const what =
    access.tokens.length === 0 && !access.kubernetes ? 'read-only API' : 'API for those with a token';
  const web = url === null ? 'no HTTP listener' : `${what} at ${url}`;
  return `Penstock serves ${dataFolder}, ${web}. Ctrl-C stops it; what runs goes on.`;
}
