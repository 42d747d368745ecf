/** A fake API server and a client of it for one test, and their end. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ApiRequest, Cluster } from '../../../../src/adapters/tekton/kubernetes/api.ts';
import { openCluster } from '../../../../src/adapters/tekton/kubernetes/open-cluster.ts';
import type { Time } from '../../../../src/adapters/tekton/kubernetes/time.ts';
import type { Log } from '../../../../src/ports/log.ts';
import {
  type FakeApiServer,
  type FakeApiServerOptions,
  startFakeApiServer,
} from '../../../fakes/kubernetes/fake-api-server.ts';
import { CORE_KINDS, TEKTON_KINDS } from '../../../fakes/kubernetes/kinds.ts';

export const KINDS = [...CORE_KINDS, ...TEKTON_KINDS];
export const RUNS = '/apis/tekton.dev/v1/pipelineruns';
export const RUNS_HERE = '/apis/tekton.dev/v1/namespaces/default/pipelineruns';
export const NEVER = new AbortController().signal;
export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

export async function serverFor(options: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ kinds: KINDS, ...options });
  onTestFinished(() => server.stop());
  return server;
}

export function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-kube-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file with the text, in a folder of its own. */
export function fileFor(text: string, name = 'config'): string {
  const path = join(folderFor(), name);
  writeFileSync(path, text);
  return path;
}

export async function clusterBy(kubeconfig: string, time?: Time): Promise<Cluster> {
  const options = { kubeconfig: fileFor(kubeconfig), context: null, env: {}, version: '9.9.9' };
  const cluster = await openCluster({ ...options, ...(time === undefined ? {} : { time }) });
  onTestFinished(() => cluster.close());
  return cluster;
}

export function get(path: string, more: Partial<ApiRequest> = {}): ApiRequest {
  return { method: 'GET', path, signal: NEVER, timeoutMs: 30_000, ...more };
}

export function patch(path: string, body: unknown, more: Partial<ApiRequest> = {}): ApiRequest {
  const contentType = Array.isArray(body) ? 'application/json-patch+json' : 'application/merge-patch+json';
  return { method: 'PATCH', path, body, contentType, signal: NEVER, timeoutMs: 30_000, ...more };
}
