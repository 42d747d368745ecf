/**
 * Child process of the kubernetes section: watches a collection and patches it, and prints
 * what that took, in time and in memory, as one line of JSON.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RawObject } from '../../src/adapters/tekton/kubernetes/api.ts';
import { openCluster } from '../../src/adapters/tekton/kubernetes/open-cluster.ts';
import { reflect } from '../../src/adapters/tekton/kubernetes/reflector/reflect.ts';
import type { Log } from '../../src/ports/log.ts';

const [kubeconfig = '', eventsText, patchesText] = process.argv.slice(2);
const events = Number(eventsText);
const patches = Number(patchesText);
const { signal } = new AbortController();
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const COLLECTION = '/apis/tekton.dev/v1/pipelineruns';

/** About what an engine keeps of a run. */
function project({ metadata, spec, status }: RawObject): object {
  const { name, namespace, creationTimestamp, labels, annotations } = metadata;
  const { status: wanted, timeouts } = (spec ?? {}) as Record<string, unknown>;
  const { startTime, completionTime, conditions } = (status ?? {}) as Record<string, unknown>;
  return {
    name,
    namespace,
    creationTimestamp,
    labels,
    annotations,
    wanted,
    timeouts,
    startTime,
    completionTime,
    conditions,
  };
}

const secondsSince = (startMs: number) => (performance.now() - startMs) / 1000;

const cluster = await openCluster({ kubeconfig, context: null, env: {}, version: 'bench' });
const emptyBytes = process.memoryUsage().rss;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let startMs = performance.now();
const reflection = reflect({ cluster, path: COLLECTION, project, log });
await reflection.relist(signal);
const syncSeconds = secondsSince(startMs);
delay.disable();

startMs = performance.now();
const before = reflection.version;
const ask = (method: 'POST' | 'PATCH', path: string, query: Record<string, string> = {}) =>
  cluster.request({
    method,
    path,
    query,
    body: [],
    contentType: 'application/json-patch+json',
    signal,
    timeoutMs: 60_000,
  });
await new Promise((resolve) => setTimeout(resolve, 100));
startMs = performance.now();
const told = ask('POST', '/burst', { events: String(events) });
while (reflection.version < before + events) await new Promise((resolve) => setTimeout(resolve, 1));
const eventsPerSecond = events / secondsSince(startMs);
await told;

startMs = performance.now();
const latenciesMs: number[] = [];
let left = patches;
const worker = async () => {
  while (left > 0) {
    left -= 1;
    const sentMs = performance.now();
    const outcome = await ask('PATCH', `${COLLECTION}/x`);
    if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
    latenciesMs.push(performance.now() - sentMs);
  }
};
await Promise.all(Array.from({ length: 64 }, worker));
const patchesPerSecond = patches / secondsSince(startMs);

// A list while all that is in memory: what a process that runs for days comes to.
await reflection.relist(signal);
const bytes = process.memoryUsage().rss;
globalThis.gc?.();
globalThis.gc?.();
process.stdout.write(
  `${JSON.stringify({
    items: reflection.items().size,
    syncSeconds,
    longestTurnMs: delay.max / 1e6,
    eventsPerSecond,
    patchesPerSecond,
    megabytes: bytes / 1e6,
    emptyMegabytes: emptyBytes / 1e6,
    heapMegabytes: process.memoryUsage().heapUsed / 1e6,
  })}\n`,
);
await reflection.close();
await cluster.close();
