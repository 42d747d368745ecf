/** `penstock webhook`: holds new runs where the API server cannot do it itself, until it is told to stop. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { namespaceName } from '../namespace-name.ts';
import { example, type OutputOptions, wholeNumber } from '../options.ts';

interface Options extends OutputOptions {
  readonly namespace: string;
  readonly host: string;
  readonly port?: number;
  readonly kubeconfig?: string;
  readonly logLevel?: string;
  readonly drain: number;
}

/** Until every node of the cluster has heard that calls are to go elsewhere. */
const DRAIN_SECONDS = 5;

export function register(program: Command): void {
  const command = program
    .command('webhook')
    .description(
      'hold new PipelineRuns at creation; for Kubernetes before 1.36, see manifests --hold webhook',
    )
    .option('--namespace <name>', 'where its Secret and its Service are', namespaceName, 'penstock')
    .option('--host <address>', 'address to listen on', '0.0.0.0')
    .option(
      '--port <port>',
      'port to listen on; 0 takes any free one (default: 9443)',
      wholeNumber(0, 65_535),
    )
    .option('--kubeconfig <file>', 'how to reach the cluster (default: KUBECONFIG, else as a pod of it)')
    .option(
      '--drain <seconds>',
      'go on answering for so long when told to stop',
      wholeNumber(0, 600),
      DRAIN_SECONDS,
    )
    .option('--log-level <level>', 'debug, info, warn or error, on stderr')
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .action(serve);
  example(command, 'penstock webhook', 'penstock webhook --kubeconfig admin.conf --host 127.0.0.1 --port 0');
}

async function serve(options: Options): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { composeWebhook, WEBHOOK_PORT } = await import('../../compose/webhook.ts');
  const { answer } = await import('../output.ts');
  const { stopSignal } = await import('../stop-signal.ts');
  const { version } = await import('../version.ts');
  const stopAsked = stopSignal();
  const { namespace, host, port = WEBHOOK_PORT, kubeconfig = null } = options;
  const config = await loadConfig({ flags: { logLevel: options.logLevel } });
  const webhook = await composeWebhook(config, { namespace, host, port, kubeconfig, version: version() });
  try {
    // Told to stop before there was a certificate: there is nothing to say.
    const url = await Promise.race([webhook.listening, stopAsked.then(() => null)]);
    if (url !== null) answer(options, { url, namespace, processId: process.pid }, () => greeting(url));
    const signal = await stopAsked;
    webhook.drain();
    if (url === null) return;
    process.stderr.write(`${signal}: answering for ${options.drain} s more.\n`);
    await pause(options.drain * 1_000);
  } finally {
    await webhook.close();
  }
}

function greeting(url: string): string {
  return `Penstock's webhook answers at ${url}. Ctrl-C stops it; what is held stays held.`;
}
