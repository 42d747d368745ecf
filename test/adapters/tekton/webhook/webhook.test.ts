/** The webhook put together: nothing listens before there is a certificate, and stopping is orderly. */
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { MACHINE_TIME } from '../../../../src/adapters/tekton/kubernetes/time.ts';
import { openWebhook, type Webhook } from '../../../../src/adapters/tekton/webhook/webhook.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { clusterBy, SILENT } from '../kubernetes/place.ts';
import { NAMESPACE, serverWithManifests, trustedIn } from './place.ts';

async function webhookFor(server: FakeApiServer, port = 0): Promise<Webhook> {
  const cluster = await clusterBy(server.kubeconfig());
  const place = { namespace: NAMESPACE, host: '127.0.0.1', port };
  const webhook = openWebhook({ ...place, cluster, time: MACHINE_TIME, log: SILENT });
  onTestFinished(() => webhook.close());
  return webhook;
}

/** Trusting whom the API server trusts. */
async function statusAt(server: FakeApiServer, url: string, path: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const ca = trustedIn(server) ?? '';
  get(`${url}${path}`, { ca, servername: `penstock-webhook.${NAMESPACE}.svc`, agent: false }, resolve).on(
    'error',
    reject,
  );
  const response = await promise;
  response.resume();
  return response.statusCode;
}

test('it listens with a certificate that the API server trusts by then, and is ready', async () => {
  const server = await serverWithManifests();
  const webhook = await webhookFor(server);
  const url = (await webhook.listening) ?? '';
  expect(await statusAt(server, url, '/readyz')).toBe(200);
});

test('it waits for its cluster and listens once that answers', async () => {
  const server = await serverWithManifests();
  server.faults.add({ path: /secrets/, fault: { kind: 'answer', code: 503 } });
  const webhook = await webhookFor(server);
  const url = (await webhook.listening) ?? '';
  expect(await statusAt(server, url, '/readyz')).toBe(200);
});

test('told to stop it says that it is not ready and goes on answering, until it is closed', async () => {
  const server = await serverWithManifests();
  const webhook = await webhookFor(server);
  const url = (await webhook.listening) ?? '';
  webhook.drain();
  expect(await statusAt(server, url, '/readyz')).toBe(503);
  expect(await statusAt(server, url, '/healthz')).toBe(200);
  await webhook.close();
  await expect(statusAt(server, url, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('closed before it had a certificate, it never listens', async () => {
  const server = await serverWithManifests();
  server.store.remove('secrets', NAMESPACE, 'penstock-webhook-tls');
  const webhook = await webhookFor(server);
  await webhook.close();
  expect(await webhook.listening).toBeNull();
});

test('a port in use is named', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const webhook = await webhookFor(await serverWithManifests(), port);
  await expect(webhook.listening).rejects.toMatchObject({ code: 'port-in-use', field: 'port' });
});
