/**
 * What a pod reserves on its node, as the scheduler counts it: the containers and sidecars
 * together, or the init container that needs most beside the sidecars before it, whichever is
 * more; or what the pod as a whole asks for; and the overhead of its runtime
 * (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
 */
import { quantity } from './quantity.ts';

export interface PodRequests {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly overhead?: Amounts;
  readonly resources?: { readonly requests?: Amounts };
}

interface Container {
  readonly resources?: { readonly requests?: Amounts };
  /** `Always` makes an init container a sidecar. */
  readonly restartPolicy?: string;
}
type Amounts = Readonly<Record<string, unknown>>;

export function podRequests(spec: PodSpec): PodRequests {
  return {
    cpuMillis: Math.round(effective(spec, 'cpu') * 1000),
    memoryBytes: Math.round(effective(spec, 'memory')),
  };
}

/** For a pod that was made again the larger one counts. */
export function largerOf(a: PodRequests, b: PodRequests): PodRequests {
  return {
    cpuMillis: Math.max(a.cpuMillis, b.cpuMillis),
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
  };
}

function effective(spec: PodSpec, resource: string): number {
  const overhead = quantity(spec.overhead?.[resource]) ?? 0;
  return overhead + (quantity(spec.resources?.requests?.[resource]) ?? ofContainers(spec, resource));
}

function ofContainers({ containers = [], initContainers = [] }: PodSpec, resource: string): number {
  const of = ({ resources }: Container) => quantity(resources?.requests?.[resource]) ?? 0;
  let sidecars = 0;
  let most = 0;
  for (const container of initContainers) {
    if (container.restartPolicy === 'Always') sidecars += of(container);
    else most = Math.max(most, sidecars + of(container));
  }
  return Math.max(most, sidecars + containers.reduce((sum, container) => sum + of(container), 0));
}
