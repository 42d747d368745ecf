/**
 * Certificates over years of a fake clock: whatever is served is always signed by somebody the
 * API server trusts, however many replicas look after it and whatever goes wrong meanwhile.
 */
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { Custodian } from '../../../../src/adapters/tekton/webhook/certificates/custodian.ts';
import type { KeyPair } from '../../../../src/adapters/tekton/webhook/certificates/issue.ts';
import { trustBundle } from '../../../../src/adapters/tekton/webhook/certificates/keyring.ts';
import { hostsOf } from '../../../../src/adapters/tekton/webhook/webhook.ts';
import type { FakeApiServer } from '../../../fakes/kubernetes/fake-api-server.ts';
import { ManualTime } from '../../../fakes/kubernetes/manual-time.ts';
import { clusterBy, SILENT } from '../kubernetes/place.ts';
import { keyringIn, NAMESPACE, secretIn, serverWithManifests, trustedIn } from './place.ts';

/** Making a key pair takes seconds on a busy machine. */
const PATIENCE = { timeout: 20_000 };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

class Replica {
  serving: KeyPair | null = null;
  readonly custodian: Custodian;

  constructor(cluster: Cluster) {
    this.custodian = new Custodian({
      cluster,
      namespace: NAMESPACE,
      hosts: hostsOf(NAMESPACE),
      // A machine whose clock is wrong: only the server's counts.
      time: new ManualTime(),
      log: SILENT,
      onServing: (serving) => {
        this.serving = serving;
      },
    });
  }

  /** Rounds until one is not overtaken by another replica. */
  async settle(): Promise<void> {
    for (let tries = 0; tries < 10; tries += 1) {
      const { kind } = await this.custodian.round();
      if (kind === 'settled') return;
      if (kind === 'failed') throw new Error(this.custodian.failure ?? '');
    }
    throw new Error('overtaken ten times');
  }
}

async function replicas(server: FakeApiServer, count: number): Promise<readonly Replica[]> {
  const cluster = await clusterBy(server.kubeconfig());
  return Array.from({ length: count }, () => new Replica(cluster));
}

/** As the API server does, given a clock: name, dates, and a chain to somebody in the bundle. */
function whyRefused(serving: KeyPair | null, bundle: string | null, nowMs: number): string | null {
  if (serving === null || bundle === null) return 'nothing there';
  const leaf = new X509Certificate(serving.certificate);
  const authorities = bundle
    .split(/(?=-----BEGIN)/)
    .filter((text) => text !== '')
    .map((text) => new X509Certificate(text));
  const isValid = (each: X509Certificate): boolean =>
    each.validFromDate.getTime() <= nowMs && nowMs <= each.validToDate.getTime();
  if (leaf.checkHost(`penstock-webhook.${NAMESPACE}.svc`) === undefined) return 'wrong name';
  if (!isValid(leaf)) return 'not valid at this time';
  const signer = authorities.find((each) => each.ca && leaf.checkIssued(each) && leaf.verify(each.publicKey));
  if (signer === undefined) return 'unknown authority';
  return isValid(signer) ? null : 'authority not valid at this time';
}

test('the first of several replicas makes the certificates, the others use them', async () => {
  const server = await serverWithManifests();
  const all = await replicas(server, 5);
  await Promise.all(all.map((replica) => replica.settle()));
  await Promise.all(all.map((replica) => replica.settle()));
  expect(new Set(all.map(({ serving }) => serving?.certificate)).size).toBe(1);
  expect(trustedIn(server)).toBe(keyringIn(server)?.authority.certificate);
  expect(all.every(({ custodian }) => custodian.settled)).toBe(true);
  expect(whyRefused(all[0]?.serving ?? null, trustedIn(server), Date.now())).toBeNull();
});

test('in five hundred days of renewals every certificate shown is trusted, also one shown a day late or by a clock an hour off', async () => {
  let nowMs = Date.UTC(2026, 10, 25);
  const server = await serverWithManifests(() => nowMs);
  const [prompt, late] = await replicas(server, 2);
  if (prompt === undefined || late === undefined) throw new Error('two replicas');
  await prompt.settle();
  await late.settle();
  const authorities = new Set<string>();
  const certificates = new Set<string>();
  for (const endMs = nowMs + 500 * DAY_MS; nowMs < endMs; nowMs += 12 * HOUR_MS) {
    await prompt.settle();
    // The other one is cut off from the API server for almost a day again and again.
    if (Math.floor(nowMs / HOUR_MS) % 24 < 12) await late.settle();
    authorities.add(keyringIn(server)?.authority.certificate ?? '');
    certificates.add(prompt.serving?.certificate ?? '');
    const refusals = [prompt, late].flatMap(({ serving }) =>
      [-HOUR_MS, 0, HOUR_MS].map((skewMs) => whyRefused(serving, trustedIn(server), nowMs + skewMs)),
    );
    expect(refusals, new Date(nowMs).toISOString()).toEqual([null, null, null, null, null, null]);
  }
  // Renewed after two thirds of 365 and of 30 days.
  expect(authorities.size).toBe(3);
  expect(certificates.size).toBeGreaterThanOrEqual(25);
  expect(certificates.size).toBeLessThanOrEqual(29);
}, 120_000);

test('a new authority is trusted a day before it is used, and the old one a day longer than it is used', async () => {
  const startMs = Date.UTC(2026, 10, 25);
  let nowMs = startMs;
  const server = await serverWithManifests(() => nowMs);
  const [replica] = await replicas(server, 1);
  await replica?.settle();
  const first = keyringIn(server)?.authority.certificate ?? '';
  const bundles: string[] = [];
  const signers: string[] = [];
  for (nowMs = startMs + 243 * DAY_MS; nowMs < startMs + 248 * DAY_MS; nowMs += HOUR_MS) {
    await replica?.settle();
    bundles.push(trustedIn(server) ?? '');
    signers.push(keyringIn(server)?.authority.certificate ?? '');
  }
  const second = signers.at(-1) ?? '';
  expect(second).not.toBe(first);
  const announcedAt = bundles.findIndex((bundle) => bundle.includes(second));
  const usedAt = signers.indexOf(second);
  const retiredAt = bundles.findIndex((bundle) => !bundle.includes(first));
  expect(usedAt - announcedAt).toBe(24);
  expect(retiredAt - usedAt).toBe(24);
});

describe('what goes wrong', () => {
  test('a damaged Secret is made anew', async () => {
    const server = await serverWithManifests();
    const [replica] = await replicas(server, 1);
    await replica?.settle();
    server.store.update('secrets', NAMESPACE, 'penstock-webhook-tls', (secret) => ({
      ...secret,
      data: { ...(secret.data as object), 'tls.key': 'bm9uc2Vuc2U=' },
    }));
    await replica?.settle();
    expect(whyRefused(replica?.serving ?? null, trustedIn(server), Date.now())).toBeNull();
  });

  test('a key that belongs to another certificate is not used', async () => {
    const [server, other] = [await serverWithManifests(), await serverWithManifests()];
    const [[replica], [stranger]] = [await replicas(server, 1), await replicas(other, 1)];
    await replica?.settle();
    await stranger?.settle();
    server.store.update('secrets', NAMESPACE, 'penstock-webhook-tls', (secret) => ({
      ...secret,
      data: { ...(secret.data as object), 'tls.key': secretIn(other).data?.['tls.key'] },
    }));
    expect(keyringIn(server)).toBeNull();
    await replica?.settle();
    expect(whyRefused(replica?.serving ?? null, trustedIn(server), Date.now())).toBeNull();
  });

  test('a bundle that somebody emptied is written again, and until then it is not ready', async () => {
    const server = await serverWithManifests();
    const [replica] = await replicas(server, 1);
    await replica?.settle();
    server.store.update('mutatingwebhookconfigurations', undefined, 'penstock-hold', (configuration) => ({
      ...configuration,
      webhooks: (configuration.webhooks as { clientConfig: object }[]).map((webhook) => ({
        ...webhook,
        clientConfig: { ...webhook.clientConfig, caBundle: '' },
      })),
    }));
    server.faults.add({ method: 'PATCH', fault: { kind: 'answer', code: 500 } });
    expect((await replica?.custodian.round())?.kind).toBe('failed');
    expect(replica?.custodian.settled).toBe(false);
    await replica?.settle();
    expect(replica?.custodian.settled).toBe(true);
    expect(trustedIn(server)).toBe(keyringIn(server)?.authority.certificate);
  });

  test('an authority that ran out while nobody looked is replaced at once', async () => {
    let nowMs = Date.UTC(2026, 10, 25);
    const server = await serverWithManifests(() => nowMs);
    const [replica] = await replicas(server, 1);
    await replica?.settle();
    nowMs += 400 * DAY_MS;
    await replica?.settle();
    expect(whyRefused(replica?.serving ?? null, trustedIn(server), nowMs)).toBeNull();
  });

  test('a certificate for another namespace is replaced by one for this', async () => {
    const server = await serverWithManifests();
    const cluster = await clusterBy(server.kubeconfig());
    const stranger = new Custodian({
      cluster,
      namespace: NAMESPACE,
      hosts: ['penstock-webhook.elsewhere.svc'],
      time: new ManualTime(),
      log: SILENT,
      onServing: () => undefined,
    });
    await stranger.round();
    const before = keyringIn(server);
    const [replica] = await replicas(server, 1);
    await replica?.settle();
    expect(keyringIn(server)?.authority.certificate).toBe(before?.authority.certificate);
    expect(whyRefused(replica?.serving ?? null, trustedIn(server), Date.now())).toBeNull();
  });

  test.each([
    ['the Secret is not there', 'secrets', NAMESPACE, 'penstock-webhook-tls'],
    ['the configuration is not there', 'mutatingwebhookconfigurations', undefined, 'penstock-hold'],
  ])('%s: it says so and makes nothing', async (_, plural, namespace, name) => {
    const server = await serverWithManifests();
    const [replica] = await replicas(server, 1);
    server.store.remove(plural, namespace, name);
    expect(await replica?.custodian.round()).toMatchObject({ kind: 'failed' });
    expect(replica?.custodian.failure).toContain(name);
    expect(replica?.serving).toBeNull();
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('an old bundle never replaces a newer one', async () => {
    const server = await serverWithManifests();
    const [quick, slow] = await replicas(server, 2);
    // The slow one has read the configuration; before it writes, the quick one makes everything.
    const go = Promise.withResolvers<void>();
    server.faults.add({ method: 'PUT', path: /secrets/, fault: { kind: 'apply-late', until: go.promise } });
    const slowRound = slow?.custodian.round();
    await expect.poll(() => server.requests.some(({ method }) => method === 'PUT'), PATIENCE).toBe(true);
    await quick?.settle();
    go.resolve();
    expect((await slowRound)?.kind).toBe('overtaken');
    await slow?.settle();
    const keyring = keyringIn(server);
    expect(trustedIn(server)).toBe(keyring === null ? '' : trustBundle(keyring));
    expect(slow?.serving?.certificate).toBe(quick?.serving?.certificate);
  });
});
