/**
 * KWOK plays the nodes: a Pod that the scheduler binds to one of them becomes ready at once
 * and ends when its annotations say so. Its stages are KWOK's own; only the one that ends a
 * Pod is changed, because KWOK ends Pods of Jobs and ours belong to TaskRuns.
 *
 * Tekton copies a PipelineRun's annotations down to its Pods, so a test writes on the run:
 *   rig.penstock.dev/duration: 30s     how long each of its Pods runs (a Go duration)
 *   rig.penstock.dev/fail: "true"      its Pods fail at the end of that time
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ApiClient } from '../client/api-client.ts';
import { type KubeObject, pathOf } from '../client/resources.ts';
import { type Context, LOOPBACK, planOf } from './context.ts';
import { kubeconfigOf } from './control-plane.ts';
import type { ProcessPlan, ProcessRecord } from './process.ts';
import { until } from './until.ts';

export const DURATION_ANNOTATION = 'rig.penstock.dev/duration';
export const FAIL_ANNOTATION = 'rig.penstock.dev/fail';
export const DEFAULT_DURATION_MS = 1_000;

const NODES = ['node-a', 'node-b'];
const READY_MS = 60_000;
/** Pods that KWOK works on at the same time; its own 4 would be what a burst of runs waits for. */
const PARALLEL = 32;

const UNCHANGED_STAGES = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-delete.yaml',
];
const COMPLETE_STAGE = 'pod/fast/pod-complete.yaml';

interface Stage {
  metadata: { name: string };
  spec: {
    selector: { matchExpressions: { key: string; operator: string; values?: string[] }[] };
    delay?: object;
    next: { statusTemplate: string };
  };
}

function stages(folder: string): readonly object[] {
  const read = (name: string): Stage => parse(readFileSync(join(folder, name), 'utf8')) as Stage;
  return [
    ...UNCHANGED_STAGES.map(read),
    ending(read(COMPLETE_STAGE), 'succeeds'),
    ending(read(COMPLETE_STAGE), 'fails'),
  ];
}

function ending(stage: Stage, how: 'succeeds' | 'fails'): Stage {
  const { selector, next } = stage.spec;
  const owner = selector.matchExpressions.find(({ key }) => key.includes('ownerReferences'));
  if (owner === undefined) throw new Error("KWOK's stage pod-complete no longer asks for the Pod's owner");
  owner.values = ['TaskRun'];
  selector.matchExpressions.push({
    key: `.metadata.annotations["${FAIL_ANNOTATION}"]`,
    operator: how === 'fails' ? 'In' : 'NotIn',
    values: ['true'],
  });
  stage.spec.delay = {
    durationMilliseconds: DEFAULT_DURATION_MS,
    durationFrom: { expressionFrom: `.metadata.annotations["${DURATION_ANNOTATION}"]` },
  };
  // KWOK writes the end as the start too; the container began when it became ready.
  let template = changed(next.statusTemplate, [
    'startedAt: {{ $now | Quote }}',
    'startedAt: {{ $origin.state.running.startedAt | Quote }}',
  ]);
  if (how === 'fails') {
    stage.metadata.name = 'pod-fail';
    template = changed(template, ['exitCode: 0', 'exitCode: 1']);
    template = changed(template, ['reason: Completed', 'reason: Error']);
    template = changed(template, ['phase: Succeeded', 'phase: Failed']);
  }
  next.statusTemplate = template;
  return stage;
}

function changed(template: string, [from, to]: readonly [string, string]): string {
  const parts = template.split(from);
  if (parts.length !== 2)
    throw new Error(`KWOK's stage pod-complete has "${from}" ${parts.length - 1} times, not once`);
  return parts.join(to);
}

export function kwok(context: Context): ProcessPlan {
  const file = join(context.layout.folder, 'kwok.yaml');
  const configuration = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    metadata: { name: 'kwok' },
    // A configuration replaces all of KWOK's defaults, so the others are given too.
    options: {
      podPlayStageParallelism: PARALLEL,
      nodePlayStageParallelism: NODES.length,
      nodeLeaseParallelism: NODES.length,
      podsOnNodeSyncParallelism: PARALLEL,
    },
  };
  const documents = [configuration, ...stages(context.binaries.kwokStages)];
  writeFileSync(
    file,
    documents.map((document) => stringify(document, { blockQuote: 'literal', lineWidth: 0 })).join('---\n'),
  );
  return planOf(context, 'kwok', {
    command: context.binaries.program('kwok'),
    args: [
      `--kubeconfig=${kubeconfigOf(context, 'kwok')}`,
      '--manage-all-nodes',
      `--server-address=${LOOPBACK}:${context.layout.ports.kwok}`,
      '--node-lease-duration-seconds=40',
      `--config=${file}`,
    ],
  });
}

interface Node extends KubeObject {
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly capacity?: Readonly<Record<string, string>>;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Two nodes without a limit worth mentioning. */
export async function addNodes(client: ApiClient): Promise<void> {
  const size = { cpu: '10k', memory: '100Ti', pods: '1M' };
  for (const name of NODES) {
    const labels = {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      type: 'kwok',
    };
    const metadata = { name, labels, annotations: { 'kwok.x-k8s.io/node': 'fake' } };
    const node: Node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata,
      status: { allocatable: size, capacity: size },
    };
    await client.create(RESOURCE, node);
  }
}

const RESOURCE = { api: 'api/v1', plural: 'nodes', namespaced: false } as const;

export async function nodesReady(client: ApiClient, process: ProcessRecord): Promise<void> {
  await until({ what: "KWOK's nodes", withinMs: READY_MS, of: [process] }, async () => {
    const { body } = await client.raw({ method: 'GET', path: pathOf(RESOURCE) });
    const { items } = body as { readonly items: readonly Node[] };
    const ready = items.filter(({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
    );
    return ready.length === NODES.length ? true : null;
  });
}
