/** `penstock manifests` and `penstock webhook` as commands: what they print, and what they say to wrong input. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { BINARY, openWorkplace, type Workplace } from './binary.ts';
import { cleanEnvironment } from './command-host.ts';

const NOWHERE = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'x',
  contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
  clusters: [{ name: 'x', cluster: { server: 'http://127.0.0.1:9' } }],
  users: [{ name: 'x', user: {} }],
});

let place: Workplace;
beforeAll(async () => {
  place = await openWorkplace({ kubeconfig: NOWHERE });
});
afterAll(() => place.dispose());

describe('penstock manifests', () => {
  test.each([
    ['by default', []],
    ['with a webhook', ['--hold', 'webhook', '--image', 'example.invalid/penstock:1']],
    ['with a database', ['--store-secret', 'db', '--image', 'example.invalid/penstock:1']],
  ])('%s prints the same as YAML and as JSON, and nothing else', async (_, options) => {
    const yaml = await place.penstock('manifests', ...options);
    const json = await place.penstock('manifests', '--json', ...options);
    expect([yaml.status, yaml.stderr, json.status, json.stderr]).toEqual([0, '', 0, '']);
    const list = JSON.parse(json.stdout) as { readonly kind: string; readonly items: readonly unknown[] };
    expect(list.kind).toBe('List');
    const documents = parseAllDocuments(yaml.stdout);
    expect(documents.map((document) => document.toJS() as unknown)).toEqual(list.items);
  });

  test('with a database several run, and the database is where they keep everything', async () => {
    const options = ['--image', 'example.invalid/penstock:1', '--store-secret', 'db', '--replicas', '3'];
    const { stdout } = await place.penstock('manifests', '--json', ...options);
    const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly kind: string }[] };
    const kinds = items.map(({ kind }) => kind);
    expect(kinds).toContain('PodDisruptionBudget');
    expect(kinds).not.toContain('PersistentVolumeClaim');
    const deployment = items.find(({ kind }) => kind === 'Deployment');
    expect(deployment).toMatchObject({
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                env: expect.arrayContaining([
                  {
                    name: 'PENSTOCK_STORE_URL',
                    valueFrom: { secretKeyRef: { name: 'db', key: 'url', optional: false } },
                  },
                  {
                    name: 'PENSTOCK_STORE_PASSWORD',
                    valueFrom: { secretKeyRef: { name: 'db', key: 'password', optional: true } },
                  },
                ]),
              },
            ],
          },
        },
      },
    });
  });

  test('says the namespace wherever it is meant', async () => {
    const { stdout } = await place.penstock('manifests', '--namespace', 'ci-flow', '--hold', 'webhook');
    expect(stdout).toContain('system:serviceaccount:ci-flow:penstock');
    expect(stdout).not.toContain('namespace: penstock');
  });
});

describe('wrong input is answered in one line', () => {
  test.each([
    [['manifests', '--hold', 'maybe'], "'maybe' is invalid"],
    [['manifests', '--on-failure', 'ajar'], "'ajar' is invalid"],
    [['manifests', '--namespace', 'Not_A_Name'], 'name of a namespace'],
    [['manifests', '--replicas', '0'], 'from 1 to 10'],
    [['manifests', '--colour'], '--colour'],
    [['webhook', '--port', '70000'], 'from 0 to 65535'],
    [['webhook', '--kubeconfig', 'not-there'], 'not-there'],
  ])('%j', async (args, part) => {
    const { status, stdout, stderr } = await place.penstock(...args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(part);
  });
});

test('a webhook that cannot reach its cluster says so, goes on trying, and ends when it is told to', async () => {
  const args = ['webhook', '--kubeconfig', 'kubeconfig', '--host', '127.0.0.1', '--port', '0'];
  const child = spawn(process.execPath, [BINARY, ...args], { cwd: place.folder, env: cleanEnvironment() });
  const stdout = text(child.stdout);
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  await expect.poll(() => log, { timeout: 30_000 }).toContain('could not be looked after');
  child.kill('SIGTERM');
  const [status] = (await exited) as [number | null];
  expect([status, await stdout]).toEqual([0, '']);
  expect(log).toContain('penstock-hold');
});
