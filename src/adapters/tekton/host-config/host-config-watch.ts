/**
 * Watches the one ConfigMap of the multi-platform controller that says which hosts there are.
 *
 * Always true: while the watch may be stale, the ConfigMap counts as unreadable.
 */
import type { Log } from '../../../ports/log.ts';
import type { Cluster, RawObject } from '../kubernetes/api.ts';
import { reflect } from '../kubernetes/reflector/reflect.ts';
import type { ReflectBounds, Reflection } from '../kubernetes/reflector/reflection.ts';
import type { Time } from '../kubernetes/time.ts';
import type { Watched } from '../watch-figures.ts';
import type { HostConfigState } from './host-config-capacity.ts';

export interface HostConfigWatchOptions {
  readonly cluster: Cluster;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  readonly time?: Time;
  readonly bounds?: Partial<ReflectBounds>;
}

interface HostConfigMap {
  readonly data: unknown;
}

export class HostConfigWatch {
  readonly #reflection: Reflection<HostConfigMap>;

  constructor(options: HostConfigWatchOptions) {
    const { namespace, name, ...rest } = options;
    this.#reflection = reflect<HostConfigMap>({
      ...rest,
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
      fieldSelector: `metadata.name=${name}`,
      project: (raw: RawObject) => ({ data: raw.data ?? {} }),
    });
  }

  state(): HostConfigState {
    const why = this.#reflection.doubt();
    if (why !== null) return { kind: 'unreadable', why };
    const [found] = this.#reflection.items().values();
    return found === undefined ? { kind: 'missing' } : { kind: 'present', data: found.data };
  }

  watched(): Watched {
    return { resource: 'host-config', reflection: this.#reflection };
  }

  onChange(listener: () => void): () => void {
    return this.#reflection.onChange(listener);
  }

  async close(): Promise<void> {
    await this.#reflection.close();
  }
}
