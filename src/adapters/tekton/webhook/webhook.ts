/**
 * `penstock webhook` put together: the custodian finds or makes certificates, then the
 * listener opens, and takes each new one while it runs.
 *
 * Always true: nothing listens before there is a certificate to show, and whoever asks
 * `/readyz` is told no until the API server trusts it.
 */
import { CodedError } from '../../../core/errors/catalogue.ts';
import type { Log } from '../../../ports/log.ts';
import type { Cluster } from '../kubernetes/api.ts';
import type { Time } from '../kubernetes/time.ts';
import { WEBHOOK } from '../names.ts';
import { Custodian } from './certificates/custodian.ts';
import type { KeyPair } from './certificates/issue.ts';
import { webhookMetrics } from './metrics.ts';
import { buildWebhookServer, useCertificate, type WebhookServer } from './server.ts';

export interface WebhookOptions {
  readonly cluster: Pick<Cluster, 'request'>;
  /** Where its Secret and its Service are. */
  readonly namespace: string;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly time: Time;
  readonly log: Log;
}

export interface Webhook {
  /** Resolves with the address once it listens; null when it was closed before. */
  readonly listening: Promise<string | null>;
  /** `/readyz` says no from now on, so that no new calls are sent here. */
  drain(): void;
  close(): Promise<void>;
}

/** The names by which an API server calls a Service. */
export function hostsOf(namespace: string): readonly string[] {
  const service = `${WEBHOOK}.${namespace}.svc`;
  return [service, `${service}.cluster.local`];
}

export function openWebhook({ cluster, namespace, host, port, time, log }: WebhookOptions): Webhook {
  const certified = Promise.withResolvers<void>();
  let latest: KeyPair | null = null;
  let app: WebhookServer | null = null;
  let draining = false;
  const onServing = (serving: KeyPair): void => {
    latest = serving;
    if (app !== null) useCertificate(app, serving);
    certified.resolve();
  };
  const custodian = new Custodian({ cluster, namespace, hosts: hostsOf(namespace), time, log, onServing });
  const whyNotReady = (): string | null => {
    if (draining) return 'It is being stopped.';
    return custodian.settled ? null : (custodian.failure ?? 'The first round is under way.');
  };
  const running = custodian.run();
  const listen = async (): Promise<string | null> => {
    await certified.promise;
    if (latest === null) return null;
    app = buildWebhookServer(latest, { log, metrics: webhookMetrics(), whyNotReady });
    return listenOn(app, host, port);
  };
  const listening = listen();
  const close = async (): Promise<void> => {
    custodian.stop();
    certified.resolve();
    await running;
    await listening.catch(() => null);
    await app?.close();
  };
  const drain = (): void => {
    draining = true;
  };
  return { listening, drain, close };
}

async function listenOn(app: WebhookServer, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    throw new CodedError(
      'port-in-use',
      `port: ${host}:${port} cannot be listened on (${code}); choose another with --port or --host.`,
      { field: 'port', cause: error },
    );
  }
}
