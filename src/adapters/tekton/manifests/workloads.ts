/**
 * What runs Penstock in the cluster, for those who have an image of it: the controller, and
 * the webhook where that one holds.
 */
import { CONTROLLER, WEBHOOK } from '../names.ts';
import { WEBHOOK_PORT } from '../webhook/paths.ts';
import { type KubernetesObject, objectOf } from './object.ts';
import type { ManifestOptions } from './options.ts';

const NAME = 'app.kubernetes.io/name';
const DATA_FOLDER = '/var/lib/penstock';
const CONFIG_FOLDER = '/etc/penstock';
/**
 * A big young generation is garbage of parsed objects for the most part. The old one may grow
 * to half of the container; `npm run bench:cluster` measures what that comes to.
 */
export const CONTROLLER_NODE_OPTIONS = ['--max-semi-space-size=4', '--max-old-space-size=384'] as const;
/**
 * For glibc's allocator, which otherwise keeps what a forecast has freed: tables of a long queue
 * come from the system one by one and go back to it. With 10,000 held some ten megabytes.
 * See mallopt(3); other allocators take no notice.
 */
export const CONTROLLER_ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_ARENA_MAX: '2' } as const;
/** Any but root's; the data volume is handed to this group. */
const USER = 65532;

export function workloads(options: ManifestOptions): readonly KubernetesObject[] {
  const { image } = options;
  if (image === null) return [];
  const webhook = options.hold === 'webhook' ? webhookObjects(image, options) : [];
  const controller = controllerContainer(image, storeVariables(options));
  const objects =
    options.storeSecret === null ? aloneObjects(controller, options) : sharingObjects(controller, options);
  return [...objects, ...webhook];
}

type Container = Readonly<Record<string, unknown>>;
type Places = Pick<ManifestOptions, 'namespace' | 'replicas'>;

/** Secrets of databases often have the whole address; the password may also come by itself. */
function storeVariables({ storeSecret }: Pick<ManifestOptions, 'storeSecret'>): readonly unknown[] {
  if (storeSecret === null) return [];
  const from = (key: string, optional: boolean) => ({
    valueFrom: { secretKeyRef: { name: storeSecret, key, optional } },
  });
  return [
    { name: 'PENSTOCK_STORE_URL', ...from('url', false) },
    { name: 'PENSTOCK_STORE_PASSWORD', ...from('password', true) },
  ];
}

function controllerContainer(image: string, variables: readonly unknown[]): Container {
  return {
    name: 'penstock',
    image,
    args: ['serve', '--config', `${CONFIG_FOLDER}/penstock.yaml`, '--data', DATA_FOLDER],
    env: [
      { name: 'NODE_OPTIONS', value: CONTROLLER_NODE_OPTIONS.join(' ') },
      ...Object.entries(CONTROLLER_ALLOCATOR).map(([name, value]) => ({ name, value })),
      ...variables,
    ],
    // The API listens on loopback only, so the kubelet cannot ask it: the container does.
    startupProbe: { ...probe(exec('/healthz')), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...probe(exec('/readyz')), periodSeconds: 10, failureThreshold: 3 },
    livenessProbe: { ...probe(exec('/healthz')), periodSeconds: 20, failureThreshold: 3 },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '768Mi' } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      { name: 'data', mountPath: DATA_FOLDER },
    ],
  };
}

const CONFIG_VOLUME = { name: 'config', configMap: { name: CONTROLLER } };

/** Its store is a file in a volume, and the data folder takes one process at a time. */
function aloneObjects(container: Container, { namespace }: Places): readonly KubernetesObject[] {
  const data = { name: 'data', persistentVolumeClaim: { claimName: CONTROLLER } };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return [
    objectOf(
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: CONTROLLER, namespace },
      { spec: claim },
    ),
    deployment(CONTROLLER, namespace, {
      replicas: 1,
      strategy: { type: 'Recreate' },
      pod: { containers: [container], volumes: [CONFIG_VOLUME, data] },
    }),
  ];
}

/** What must last is in the database; each has a data folder of its own, for its socket. */
function sharingObjects(container: Container, { namespace, replicas }: Places): readonly KubernetesObject[] {
  return [
    deployment(CONTROLLER, namespace, {
      replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      pod: {
        containers: [container],
        volumes: [CONFIG_VOLUME, { name: 'data', emptyDir: {} }],
        topologySpreadConstraints: [apart(CONTROLLER)],
      },
    }),
    oneGoesAtATime(CONTROLLER, namespace),
  ];
}

function webhookObjects(
  image: string,
  { namespace, replicas }: ManifestOptions,
): readonly KubernetesObject[] {
  const container = {
    name: 'webhook',
    image,
    args: ['webhook', '--namespace', namespace],
    ports: [{ name: 'https', containerPort: WEBHOOK_PORT, protocol: 'TCP' }],
    startupProbe: { ...probe(https('/healthz')), periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: { ...probe(https('/readyz')), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe(https('/healthz')), periodSeconds: 20, failureThreshold: 3 },
    resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    securityContext: CONTAINER_SECURITY,
  };
  return [
    deployment(WEBHOOK, namespace, {
      replicas,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      pod: { containers: [container], topologySpreadConstraints: [apart(WEBHOOK)] },
    }),
    oneGoesAtATime(WEBHOOK, namespace),
  ];
}

function apart(name: string): Readonly<Record<string, unknown>> {
  return {
    labelSelector: { matchLabels: { [NAME]: name } },
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
  };
}

function oneGoesAtATime(name: string, namespace: string): KubernetesObject {
  return objectOf(
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name, namespace },
    { spec: { maxUnavailable: 1, selector: { matchLabels: { [NAME]: name } } } },
  );
}

const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
};

interface Workload {
  readonly replicas: number;
  readonly strategy: Readonly<Record<string, unknown>>;
  readonly pod: Readonly<Record<string, unknown>>;
}

/** `name` is also that of its service account. */
function deployment(
  name: string,
  namespace: string,
  { replicas, strategy, pod }: Workload,
): KubernetesObject {
  const labels = { [NAME]: name };
  const securityContext = {
    fsGroup: USER,
    runAsGroup: USER,
    runAsNonRoot: true,
    runAsUser: USER,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  return objectOf(
    { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace, labels },
    {
      spec: {
        replicas,
        selector: { matchLabels: labels },
        strategy,
        template: {
          metadata: { labels: { ...labels, 'app.kubernetes.io/part-of': CONTROLLER } },
          spec: { serviceAccountName: name, securityContext, ...pod },
        },
      },
    },
  );
}

function probe(how: Readonly<Record<string, unknown>>) {
  return { ...how, timeoutSeconds: 5 };
}

function https(path: string) {
  return { httpGet: { path, port: 'https', scheme: 'HTTPS' } };
}

function exec(path: string) {
  const ask = `fetch('http://127.0.0.1:7077${path}').then((answer) => process.exit(answer.ok ? 0 : 1))`;
  return { exec: { command: ['node', '-e', ask] } };
}
