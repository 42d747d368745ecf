/**
 * TLS connections that are cut, and requests given up at whatever moment: in a handshake, at its
 * end, between two reads. Ending a connection from within OpenSSL's reading ended the process with
 * a segmentation fault; here that took half a second.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { randomStream } from '../../../../src/core/random/random.ts';
import { CuttableProxy } from '../../../cluster/rig/cuttable-proxy.ts';
import { AUTHORITY, SERVER_CERTIFICATE, SERVER_KEY } from '../../../fakes/kubernetes/certificates.ts';
import { clusterBy, get, NEVER, RUNS, serverFor } from './place.ts';

const LEAST_MS = 2_000;
const MOST_MS = 40_000;
const seed = Number(process.env.PENSTOCK_TEST_SEED ?? Date.now() % 1_000_000);

test('cutting TLS connections while requests are given up ends none but them', async () => {
  console.log(`PENSTOCK_TEST_SEED=${seed}`);
  const random = randomStream(seed, 'cut-connections');
  const server = await serverFor({ tls: { key: SERVER_KEY, cert: SERVER_CERTIFICATE } });
  const proxy = await CuttableProxy.open(server.url);
  onTestFinished(() => proxy.close());
  const cluster = await clusterBy(kubeconfigFor(proxy.url));
  const beganMs = performance.now();
  const kinds = new Map<string, number>();
  const count = (kind: string) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1);

  /** Long enough to be cut in the midst of it, and for something to come through. */
  function isEnough(): boolean {
    const passedMs = performance.now() - beganMs;
    const seen = proxy.cuts > 10 && (kinds.get('ok') ?? 0) > 0;
    return passedMs > MOST_MS || (passedMs > LEAST_MS && seen);
  }

  async function ask(): Promise<void> {
    while (!isEnough()) {
      const signal = AbortSignal.timeout(Math.ceil(1 + random.next() ** 2 * 1_000));
      count((await cluster.request(get(RUNS, { signal, timeoutMs: 1 + random.next() ** 2 * 500 }))).kind);
    }
  }

  async function watch(): Promise<void> {
    while (!isEnough()) {
      const signal = AbortSignal.timeout(Math.ceil(1 + random.next() * 200));
      const query = { watch: '1' };
      const stream = await cluster.stream({
        path: RUNS,
        query,
        signal,
        timeoutMs: 1 + random.next() ** 2 * 500,
      });
      count(stream.kind);
      if (stream.kind !== 'streaming') continue;
      try {
        for await (const _ of stream.chunks) if (signal.aborted) break;
      } catch {
        count('broken stream');
      }
    }
  }

  async function cut(): Promise<void> {
    while (!isEnough()) {
      await pause(50 + random.next() * 250);
      proxy.cut();
    }
  }

  const all = [...Array.from({ length: 6 }, ask), ...Array.from({ length: 4 }, watch), cut()];
  await Promise.all(all);
  expect(proxy.cuts).toBeGreaterThan(10);
  expect(kinds.get('ok')).toBeGreaterThan(0);
  // All is well again, once whoever still takes a connection that was cut has learned it.
  const asked = () => cluster.request(get(RUNS, { signal: NEVER }));
  await expect.poll(asked, { timeout: 20_000 }).toMatchObject({ kind: 'ok' });
});

function kubeconfigFor(server: string): string {
  const authority = Buffer.from(AUTHORITY).toString('base64');
  return JSON.stringify({
    'current-context': 'cut',
    contexts: [{ name: 'cut', context: { cluster: 'cut', user: 'me' } }],
    clusters: [{ name: 'cut', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'me', user: {} }],
  });
}
