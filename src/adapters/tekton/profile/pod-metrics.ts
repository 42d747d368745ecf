/**
 * One reading of what pods use, from the resource metrics API (`metrics.k8s.io/v1beta1`,
 * https://kubernetes.io/docs/reference/external-api/metrics.v1beta1/): for each pod the mean
 * CPU over a window and the memory at its end.
 *
 * Always true: read piece by piece, however many pods there are; what cannot be understood is
 * left out.
 */
import { parseDuration } from '../../../core/text/go-duration.ts';
import { instant } from '../instants.ts';
import type { Cluster } from '../kubernetes/api.ts';
import { JsonItems } from '../kubernetes/reflector/json-stream.ts';
import { isRecord } from '../kubernetes/reflector/raw-object.ts';
import { Turns } from '../kubernetes/reflector/turns.ts';
import type { Time } from '../kubernetes/time.ts';
import { wordsFor } from '../kubernetes/transport/words.ts';
import { POD_METRICS_PATH, RUN_OF_POD_LABEL } from '../names.ts';
import { quantity } from './quantity.ts';

export interface PodMetric {
  readonly namespace: string;
  readonly name: string;
  readonly atMs: number;
  readonly windowMs: number;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export type MetricsReading =
  | { readonly kind: 'read'; readonly pods: readonly PodMetric[] }
  /** There is no such API here, or no right to it. */
  | { readonly kind: 'absent'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

const TIMEOUT_MS = 20_000;
const ABSENT: ReadonlySet<number> = new Set([401, 403, 404]);

export async function readPodMetrics(
  cluster: Cluster,
  { signal, time }: { readonly signal: AbortSignal; readonly time: Time },
): Promise<MetricsReading> {
  const controller = new AbortController();
  const giveUp = () => controller.abort();
  const cancel = time.after(TIMEOUT_MS, giveUp);
  signal.addEventListener('abort', giveUp);
  try {
    const outcome = await cluster.stream({
      path: POD_METRICS_PATH,
      query: { labelSelector: RUN_OF_POD_LABEL },
      signal: controller.signal,
      timeoutMs: TIMEOUT_MS,
    });
    if (outcome.kind === 'api-status') {
      const why = `${outcome.code} ${outcome.message}`.trimEnd();
      return { kind: ABSENT.has(outcome.code) ? 'absent' : 'failed', why };
    }
    if (outcome.kind !== 'streaming') return { kind: 'failed', why: outcome.why };
    const items = new JsonItems();
    const turns = new Turns();
    const pods: PodMetric[] = [];
    for await (const chunk of outcome.chunks) {
      for await (const text of turns.each(items.push(chunk))) pods.push(...podMetric(JSON.parse(text)));
    }
    items.end();
    return { kind: 'read', pods };
  } catch (error) {
    return { kind: 'failed', why: wordsFor(error) };
  } finally {
    cancel();
    signal.removeEventListener('abort', giveUp);
  }
}

function podMetric(item: unknown): readonly PodMetric[] {
  const { metadata, timestamp, window, containers } = isRecord(item) ? item : {};
  const { namespace, name } = isRecord(metadata) ? metadata : {};
  const atMs = instant(String(timestamp));
  if (typeof namespace !== 'string' || typeof name !== 'string' || atMs === null) return [];
  let cpus = 0;
  let memoryBytes = 0;
  for (const container of Array.isArray(containers) ? containers : []) {
    const usage = isRecord(container) && isRecord(container.usage) ? container.usage : {};
    cpus += quantity(usage.cpu) ?? 0;
    memoryBytes += quantity(usage.memory) ?? 0;
  }
  return [{ namespace, name, atMs, windowMs: parseDuration(String(window)) ?? 0, cpus, memoryBytes }];
}
