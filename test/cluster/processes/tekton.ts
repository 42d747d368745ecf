/**
 * Tekton Pipelines, from its own YAML: custom resources, roles, settings and webhook
 * registrations, then its two servers under their own service accounts, so that Tekton's
 * roles are as real as its code.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ApiClient, ApiError } from '../client/api-client.ts';
import { writeKubeconfig } from '../client/kubeconfig.ts';
import type { KubeObject } from '../client/resources.ts';
import { serviceAccountAccess } from '../client/service-account.ts';
import { type Context, LOOPBACK, planOf } from './context.ts';
import { kubeconfigsIn } from './layout.ts';
import type { ProcessPlan, ProcessRecord } from './process.ts';
import type { Tier } from './state.ts';
import { until } from './until.ts';

export const TEKTON_NAMESPACE = 'tekton-pipelines';
const WEBHOOK_SERVICE = 'tekton-pipelines-webhook';
const INSTALL_MS = 60_000;
const READY_MS = 90_000;

/** In this order; Deployments and what scales them stay out, as they run as processes here. */
const FILES = [/^100-namespace\//, /^300-crds\//, /^200-/, /^201-/, /^config-/, /^500-webhooks\.yaml$/];
const FILES_OF_TIER_1 = [/^100-namespace\//, /^300-crds\//];

export async function installTekton(context: Context, client: ApiClient, tier: Tier): Promise<void> {
  const folder = context.binaries.tektonConfig;
  const present = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .toSorted();
  const port = context.layout.ports['tekton-webhook'];
  for (const pattern of tier === 1 ? FILES_OF_TIER_1 : FILES) {
    const objects = present
      .filter((name) => pattern.test(name))
      .flatMap((name) => objectsOf(join(folder, name)))
      .map((object) => (tier === 1 ? withoutConversion(object) : quieter(throughPort(object, port))));
    await Promise.all(objects.map((object) => client.apply(object)));
  }
  if (tier > 1) await client.apply(webhookService(port));
  await until({ what: "Tekton's custom resources", withinMs: INSTALL_MS, of: [] }, async () => {
    const { body } = await client.raw({ method: 'GET', path: '/apis/tekton.dev/v1' });
    return JSON.stringify(body).includes('"pipelineruns/status"') ? true : null;
  });
}

function objectsOf(file: string): readonly KubeObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).flatMap((document) => {
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

interface ClientConfig {
  service?: { port?: number };
}

/** What of Tekton's objects says where its webhook is. */
interface CallsWebhook extends KubeObject {
  readonly spec?: {
    [field: string]: unknown;
    conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } };
  };
  readonly webhooks?: readonly { readonly clientConfig: ClientConfig }[];
}

/** Nobody converts in tier 1, and an announced converter that is missing would break every read. */
function withoutConversion(object: KubeObject): KubeObject {
  const copy: CallsWebhook = structuredClone(object);
  if (copy.spec !== undefined) delete copy.spec.conversion;
  return copy;
}

function throughPort(object: KubeObject, port: number): KubeObject {
  const copy: CallsWebhook = structuredClone(object);
  const configs = [
    copy.spec?.conversion?.webhook?.clientConfig,
    ...(copy.webhooks ?? []).map((one) => one.clientConfig),
  ];
  for (const config of configs) if (config?.service !== undefined) config.service.port = port;
  return copy;
}

interface Settings extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** By default the webhook writes the whole of every request to its log, which costs more than answering it. */
function quieter(object: Settings): Settings {
  const logger = object.data?.['zap-logger-config'];
  if (logger === undefined) return object;
  return { ...object, data: { 'zap-logger-config': logger.replace('"level": "info"', '"level": "warn"') } };
}

/** A service by that name which leads to this machine: the certificate is for the service's name. */
function webhookService(port: number): CallsWebhook {
  const spec = { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https-webhook', port }] };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: WEBHOOK_SERVICE, namespace: TEKTON_NAMESPACE },
    spec,
  };
}

/** The kubeconfig of one of Tekton's service accounts, with a token of its own. */
async function kubeconfigFor(context: Context, client: ApiClient, account: string): Promise<string> {
  const path = join(kubeconfigsIn(context.layout.folder), account);
  writeKubeconfig(path, await serviceAccountAccess(client, { namespace: TEKTON_NAMESPACE, name: account }));
  return path;
}

const ENVIRONMENT = {
  SYSTEM_NAMESPACE: TEKTON_NAMESPACE,
  KUBERNETES_MIN_VERSION: 'v1.28.0',
  CONFIG_LOGGING_NAME: 'config-logging',
  CONFIG_OBSERVABILITY_NAME: 'config-observability',
  CONFIG_FEATURE_FLAGS_NAME: 'feature-flags',
  METRICS_DOMAIN: 'tekton.dev/pipeline',
  METRICS_PROMETHEUS_HOST: LOOPBACK,
  POD_NAME: 'local-0',
};

export async function tektonWebhook(context: Context, client: ApiClient): Promise<ProcessPlan> {
  const { ports } = context.layout;
  return planOf(context, 'tekton-webhook', {
    command: context.binaries.program('tekton-webhook'),
    args: ['--kubeconfig', await kubeconfigFor(context, client, 'tekton-pipelines-webhook')],
    env: {
      ...ENVIRONMENT,
      CONFIG_LEADERELECTION_NAME: 'config-leader-election-webhook',
      WEBHOOK_SERVICE_NAME: WEBHOOK_SERVICE,
      WEBHOOK_SECRET_NAME: 'webhook-certs',
      WEBHOOK_ADMISSION_CONTROLLER_NAME: 'webhook.pipeline.tekton.dev',
      WEBHOOK_PORT: String(ports['tekton-webhook']),
      PROBES_PORT: String(ports['tekton-webhook-probes']),
      METRICS_PROMETHEUS_PORT: String(ports['tekton-webhook-metrics']),
      PROFILING_PORT: String(ports['tekton-webhook-profiling']),
    },
    // Asked to end, it drains for 45 s.
    endHard: true,
  });
}

const IMAGES = ['entrypoint', 'nop', 'sidecarlogresults', 'workingdirinit', 'shell'];

export async function tektonController(context: Context, client: ApiClient): Promise<ProcessPlan> {
  const { ports } = context.layout;
  // Pods are pretended, so no image is ever pulled; the names must only be there.
  const images = [...IMAGES.map((name) => `${name}-image`), 'shell-image-win'];
  return planOf(context, 'tekton-controller', {
    command: context.binaries.program('tekton-controller'),
    args: [
      '--kubeconfig',
      await kubeconfigFor(context, client, 'tekton-pipelines-controller'),
      ...images.flatMap((flag) => [`-${flag}`, 'example.invalid/unused:1']),
      '-kube-api-qps=200',
      '-kube-api-burst=400',
      '-threads-per-controller=32',
      // A killed controller's lease would keep the next one waiting for a minute.
      '-disable-ha',
    ],
    env: {
      ...ENVIRONMENT,
      CONFIG_DEFAULTS_NAME: 'config-defaults',
      CONFIG_SPIRE: 'config-spire',
      CONFIG_LEADERELECTION_NAME: 'config-leader-election-controller',
      PROBES_PORT: String(ports['tekton-controller-probes']),
      METRICS_PROMETHEUS_PORT: String(ports['tekton-controller-metrics']),
      PROFILING_PORT: String(ports['tekton-controller-profiling']),
    },
  });
}

/** Ready when a run in the old version of the API gets through conversion, defaults and checks. */
export async function webhookReady(client: ApiClient, process: ProcessRecord): Promise<void> {
  const run = {
    apiVersion: 'tekton.dev/v1beta1',
    kind: 'PipelineRun',
    metadata: { generateName: 'probe-' },
    spec: { pipelineRef: { name: 'none' } },
  };
  const path = '/apis/tekton.dev/v1beta1/namespaces/default/pipelineruns?dryRun=All';
  await until({ what: "Tekton's webhook", withinMs: READY_MS, of: [process] }, async () => {
    const call = { method: 'POST', path, body: run } as const;
    const answer = await client.raw(call);
    if (answer.status !== 201) throw new ApiError(call, answer);
    return JSON.stringify(answer.body).includes('"timeouts"') ? true : null;
  });
}

/** Ready when it serves its metrics: it does so after its caches are filled. */
export async function controllerReady(metricsUrl: string, process: ProcessRecord): Promise<void> {
  await until({ what: "Tekton's controller", withinMs: READY_MS, of: [process] }, async () => {
    const text = await (await fetch(metricsUrl)).text();
    return text.includes('tekton_pipelines_controller_running_pipelineruns') ? true : null;
  });
}
