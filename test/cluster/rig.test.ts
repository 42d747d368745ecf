/**
 * The parts of the rig that can be tested without a cluster: what it starts and ends on this
 * machine, and whom it refuses.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readKubeconfig, writeKubeconfig } from './client/kubeconfig.ts';
import { PIPELINE_RUNS, pathOf } from './client/resources.ts';
import { down } from './processes/down.ts';
import { insistOnFreePorts } from './processes/free-ports.ts';
import { layoutOf, layoutOfEnvironment } from './processes/layout.ts';
import { end, isAlive, launch, type ProcessRecord } from './processes/process.ts';
import { type ClusterState, readState, writeState } from './processes/state.ts';
import { requireCluster } from './rig/require-cluster.ts';

let folder: string;
const children: ProcessRecord[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-rig-'));
  vi.stubEnv('PENSTOCK_CLUSTER_CACHE', folder);
  vi.stubEnv('PENSTOCK_CLUSTER_SLOT', '');
  vi.stubEnv('KUBECONFIG', '');
});

afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'hard');
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

function server(name: string, script = 'setInterval(() => {}, 1000)'): ProcessRecord {
  const args = ['-e', script];
  const log = join(folder, 'logs', `${name}.log`);
  const record = launch({ name, command: process.execPath, args, env: {}, log, endHard: false });
  children.push(record);
  return record;
}

function stateWith(processes: readonly ProcessRecord[]): ClusterState {
  const layout = layoutOf(0);
  const { slot, ports } = layout;
  const startedAt = new Date(0).toISOString();
  const kubeconfig = join(layout.folder, 'admin');
  return {
    version: 1,
    slot,
    tier: 3,
    folder: layout.folder,
    ports,
    kubeconfig,
    ready: true,
    startedAt,
    processes,
  };
}

describe('processes', () => {
  test('down ends exactly what the state names, and leaves a stranger with a reused pid alone', async () => {
    const mine = server('mine');
    const stranger = server('stranger');
    writeState(layoutOf(0), stateWith([mine, { ...stranger, birth: 'another boot/1' }]));
    expect(await down(layoutOf(0))).toBe(1);
    expect(isAlive(mine)).toBe(false);
    expect(isAlive(stranger)).toBe(true);
    expect(readState(layoutOf(0))).toBeNull();
  });

  test('down of a cluster that is not there ends nothing', async () => {
    expect(await down(layoutOf(0))).toBeNull();
  });

  test('one that would drain for long is killed at once', async () => {
    const slow = {
      ...server('slow', `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`),
      endHard: true,
    };
    await end(slow);
    expect(isAlive(slow)).toBe(false);
  });

  test('a program that is not there is named', () => {
    const plan = {
      name: 'etcd',
      command: join(folder, 'etcd'),
      args: [],
      env: {},
      log: join(folder, 'log'),
      endHard: false,
    };
    expect(() => launch(plan)).toThrow(/^etcd did not start: .*etcd$/);
  });

  test('the log gets what a server prints, and its environment only what it needs', async () => {
    vi.stubEnv('KUBECONFIG', 'somewhere');
    const printing = server('printing', 'console.log(process.env.KUBECONFIG ?? "none")');
    await vi.waitFor(() => expect(readFileSync(printing.log, 'utf8')).toBe('none\n'), { timeout: 30_000 });
  });
});

describe('slots', () => {
  test('no two slots share a port', () => {
    const ports = Array.from({ length: 10 }, (_, slot) => Object.values(layoutOf(slot).ports)).flat();
    expect(new Set(ports).size).toBe(ports.length);
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });

  test.each(['-1', '10', 'x', '1.5'])('%s is refused', (slot) => {
    vi.stubEnv('PENSTOCK_CLUSTER_SLOT', slot);
    expect(() => layoutOfEnvironment()).toThrow(
      `PENSTOCK_CLUSTER_SLOT is "${slot}"; it must be a whole number from 0 to 9`,
    );
  });

  test('a port that is taken is named, with what needs it', async () => {
    const layout = layoutOf(9);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const ports = { ...Object.fromEntries(Object.keys(layout.ports).map((name) => [name, 0])), kwok: port };
    const refused = insistOnFreePorts({ ...layout, ports: { ...layout.ports, ...ports } });
    await expect(refused).rejects.toThrow(`Port ${port}, which kwok of cluster 9 needs, is taken`);
    taken.close();
  });
});

describe('which cluster', () => {
  const token = { kind: 'token', token: 't' } as const;

  test('without one, it says how to get one', () => {
    expect(() => requireCluster()).toThrow('npm run cluster:up');
  });

  test('one elsewhere is refused unless somebody says that it may be thrown away', () => {
    const path = join(folder, 'config');
    writeKubeconfig(path, { server: 'https://production.example.com:6443', ca: null, credentials: token });
    vi.stubEnv('KUBECONFIG', path);
    expect(() => requireCluster()).toThrow('KUBECONFIG leads to production.example.com');
    vi.stubEnv('PENSTOCK_CLUSTER_THROWAWAY', '1');
    expect(requireCluster().rig).toBeNull();
  });

  test('one on this machine, such as kind, is used, without control of its processes', () => {
    const path = join(folder, 'config');
    writeKubeconfig(path, { server: 'https://127.0.0.1:40123', ca: null, credentials: token });
    vi.stubEnv('KUBECONFIG', path);
    expect(requireCluster()).toMatchObject({ kubeconfig: path, rig: null });
  });

  test('ours with a dead server is called broken', async () => {
    const dead = server('etcd');
    await end(dead, 'hard');
    writeState(layoutOf(0), stateWith([dead]));
    expect(() => requireCluster()).toThrow('The cluster is broken (etcd ended)');
  });
});

describe('kubeconfig', () => {
  test.each([
    { kind: 'token', token: 'secret' },
    { kind: 'certificate', cert: 'CERT', key: 'KEY' },
  ] as const)('what is written is read again: $kind', (credentials) => {
    const path = join(folder, 'config');
    const access = { server: 'https://127.0.0.1:1', ca: 'CA', credentials };
    writeKubeconfig(path, access);
    expect(readKubeconfig(path)).toEqual(access);
  });

  test('a sign-in that is not supported is named', () => {
    const path = join(folder, 'config');
    const text = {
      'current-context': 'a',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { exec: { command: 'sign-in' } } }],
      contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    };
    writeFileSync(path, JSON.stringify(text));
    expect(() => readKubeconfig(path)).toThrow('neither a client certificate nor a token');
  });
});

test('paths of resources', () => {
  const place = { namespace: 'a', name: 'b', subresource: 'status', query: { dryRun: 'All' } };
  expect(pathOf(PIPELINE_RUNS, place)).toBe(
    '/apis/tekton.dev/v1/namespaces/a/pipelineruns/b/status?dryRun=All',
  );
  expect(pathOf(PIPELINE_RUNS)).toBe('/apis/tekton.dev/v1/pipelineruns');
});
