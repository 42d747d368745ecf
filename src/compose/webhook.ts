/**
 * The webhook's process: a cluster, a log and nothing else. It has no store, no data folder
 * and no admission loop, so that it is up in an instant and never waits for one of them.
 */
import { pinoLog } from '../adapters/pino-log/pino-log.ts';
import { openCluster } from '../adapters/tekton/kubernetes/open-cluster.ts';
import { MACHINE_TIME, type Time } from '../adapters/tekton/kubernetes/time.ts';
import { openWebhook, type Webhook } from '../adapters/tekton/webhook/webhook.ts';
import type { Config } from '../config/config.ts';

export { WEBHOOK_PORT } from '../adapters/tekton/webhook/paths.ts';

/** Its timers keep the process alive: until there is a certificate nothing else does. */
const LASTING_TIME: Time = {
  ...MACHINE_TIME,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface WebhookSettings {
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly kubeconfig: string | null;
  readonly version: string;
}

export async function composeWebhook(
  { logLevel, environment }: Config,
  { kubeconfig, version, ...place }: WebhookSettings,
): Promise<Webhook> {
  const cluster = await openCluster({ kubeconfig, context: null, env: environment, version });
  const webhook = openWebhook({ ...place, cluster, time: LASTING_TIME, log: pinoLog(logLevel) });
  const close = async (): Promise<void> => {
    await webhook.close();
    await cluster.close();
  };
  return { ...webhook, close };
}
