/** The real `penstock webhook` as a process of its own, signed in as its own service account. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from '../../cli/binary.ts';
import { cleanEnvironment } from '../../cli/command-host.ts';
import { writeKubeconfig } from '../client/kubeconfig.ts';
import { serviceAccountAccess } from '../client/service-account.ts';
import type { TestCluster } from '../rig/require-cluster.ts';

export interface WebhookProcess {
  /** Ends it at once, as when its machine fails. */
  kill(): Promise<void>;
}

export async function startWebhook(
  { admin }: TestCluster,
  namespace: string,
  port: number,
): Promise<WebhookProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-webhook-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, await serviceAccountAccess(admin, { namespace, name: 'penstock-webhook' }));
  const place = ['--namespace', namespace, '--host', '127.0.0.1', '--port', String(port)];
  const child = spawn(process.execPath, [BINARY, 'webhook', '--json', '--kubeconfig', kubeconfig, ...place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: cleanEnvironment(),
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await listens(child);
  return { kill };
}

async function listens(child: ChildProcess): Promise<void> {
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    if (chunk.includes('"url"')) resolve();
  });
  child.once('exit', () => reject(new Error(`the webhook ended: ${log}`)));
  await promise;
}

/** A port of this machine that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
