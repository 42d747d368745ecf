/**
 * The webhook's certificates are replaced, authority and all, while runs are created all the
 * time: the API server never meets a certificate it does not trust. The webhook fails closed
 * here, so a single failed call would refuse a run.
 */

import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openCluster } from '../../src/adapters/tekton/kubernetes/open-cluster.ts';
import { MACHINE_TIME, type Time } from '../../src/adapters/tekton/kubernetes/time.ts';
import {
  type KeyPair,
  makeAuthority,
  makeServing,
} from '../../src/adapters/tekton/webhook/certificates/issue.ts';
import {
  fromSecretData,
  type Keyring,
  toSecretData,
} from '../../src/adapters/tekton/webhook/certificates/keyring.ts';
import { hostsOf, openWebhook, type Webhook } from '../../src/adapters/tekton/webhook/webhook.ts';
import type { Log } from '../../src/ports/log.ts';
import { writeKubeconfig } from './client/kubeconfig.ts';
import { serviceAccountAccess } from './client/service-account.ts';
import { comesTrue, type Installation, install } from './holding/installation.ts';
import { freePort } from './holding/webhook-process.ts';
import { createRun, holdingActs, labelOf, openWorld, type World } from './holding/world.ts';
import { requireCluster, type TestCluster } from './rig/require-cluster.ts';

const DAY_MS = 86_400_000;
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** Rounds every half second instead of every half minute. */
const HURRIED: Time = {
  ...MACHINE_TIME,
  after: (delayMs, callback) => MACHINE_TIME.after(delayMs / 60, callback),
};

let cluster: TestCluster;
let world: World;
let installation: Installation;
beforeAll(async () => {
  cluster = requireCluster(2);
  world = await openWorld(cluster);
});
afterAll(async () => {
  await world.close();
  cluster.admin.close();
});

async function webhookOn(port: number): Promise<Webhook> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-rotation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { namespace } = installation;
  const kubeconfig = join(folder, 'kubeconfig');
  const account = { namespace, name: 'penstock-webhook' };
  writeKubeconfig(kubeconfig, await serviceAccountAccess(cluster.admin, account));
  const api = await openCluster({ kubeconfig, context: null, env: {}, version: '0.0.0' });
  const webhook = openWebhook({
    cluster: api,
    namespace,
    host: '127.0.0.1',
    port,
    time: HURRIED,
    log: SILENT,
  });
  onTestFinished(async () => {
    await webhook.close();
    await api.close();
  });
  return webhook;
}

function secretPath(): string {
  return `/api/v1/namespaces/${installation.namespace}/secrets/penstock-webhook-tls`;
}

async function keyring(): Promise<Keyring> {
  const { body } = await cluster.admin.raw({ method: 'GET', path: secretPath() });
  const read = fromSecretData((body as { readonly data?: Readonly<Record<string, string>> }).data ?? {});
  if (read === null) throw new Error('no keyring in the Secret');
  return read;
}

/** As if the certificates had been made earlier. */
async function put(older: Keyring): Promise<void> {
  const data = { 'next-ca.crt': null, 'next-ca.key': null, 'previous-ca.crt': null, ...toSecretData(older) };
  const contentType = 'application/merge-patch+json';
  const answer = await cluster.admin.raw({
    method: 'PATCH',
    path: secretPath(),
    contentType,
    body: { data },
  });
  expect(answer.status).toBe(200);
}

test('every run created while serving certificate and authority are replaced is held', async () => {
  const port = await freePort();
  installation = await install(cluster, { hold: 'webhook', onFailure: 'closed', webhookPort: port });
  onTestFinished(() => installation.remove());
  const now = Date.now();
  const hosts = hostsOf(installation.namespace);
  const old = await makeAuthority(now - 250 * DAY_MS);
  await put({
    authority: old,
    serving: await makeServing(old, hosts, now - DAY_MS),
    next: null,
    previous: null,
  });
  const webhook = await webhookOn(port);
  expect(await webhook.listening).not.toBeNull();
  // A second replica, which nobody calls, looks after the same Secret.
  await webhookOn(await freePort()).then(({ listening }) => listening);
  await holdingActs(world);

  const creating = new AbortController();
  const held: (string | null)[] = [];
  const creations = (async () => {
    while (!creating.signal.aborted) {
      held.push(await createRun(world).then(labelOf, String));
    }
  })();

  // The authority is due: the next one is announced, used a day later, and after another day alone.
  const announced = await until((ring) => ring.next !== null);
  expect(announced.authority).toEqual(old);
  await put({ ...announced, next: await makeAuthority(now - 2 * DAY_MS) });
  const promoted = await until((ring) => ring.previous === old.certificate);
  expect(promoted.next).toBeNull();
  await put({ ...promoted, serving: await makeServing(promoted.authority, hosts, now - 2 * DAY_MS) });
  await until((ring) => ring.previous === null);

  // The serving certificate is due.
  await put({
    ...promoted,
    previous: null,
    serving: await makeServing(promoted.authority, hosts, now - 25 * DAY_MS),
  });
  await until((ring) => isYoung(ring.serving, now));

  const seen = held.length;
  await comesTrue('more runs', async () => held.length > seen + 10);
  creating.abort();
  await creations;
  expect(held.length).toBeGreaterThan(20);
  expect(held.filter((label) => label !== 'true')).toEqual([]);
});

function until(isSo: (ring: Keyring) => boolean): Promise<Keyring> {
  return comesTrue('the certificates to be replaced', keyring, isSo);
}

function isYoung({ certificate }: KeyPair, nowMs: number): boolean {
  return new X509Certificate(certificate).validFromDate.getTime() > nowMs - DAY_MS;
}
